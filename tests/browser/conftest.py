import os
import shutil
from contextlib import suppress
from pathlib import Path

import pytest
from checks import open_page
from django.apps import apps
from django.contrib.auth.models import User
from django.db import connection
from playwright.sync_api import Error, sync_playwright

from django_roadmap.models import Resource, RoadmapNode

# Playwright keeps a loop running in the thread of the tests, which makes Django refuse queries.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"

# Run by itself, with settings of its own.
collect_ignore = [] if apps.is_installed("admin_interface") else ["themed"]

FAILURES = Path(__file__).parent / "failures"

DESCRIPTION = """\
A middleware wraps the views of a site like the layers of an onion. Each one gets the request,
may answer it or pass it on, and gets the response back on its way out.

# A first one

```python
def timing(get_response):
    def middleware(request):
        start = monotonic()
        response = get_response(request)
        seconds = monotonic() - start
        response["Server-Timing"] = f"view;dur={seconds * 1000:.0f}"
        return response

    return middleware
```

- Their order in `MIDDLEWARE` is the order of the layers.
- What is [true of a view](roadmap:django/work-with-urls-views-templates) is true here.

> Ask first whether a decorator on one view would do.
"""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Keep what the page looked like when a test failed."""
    report = yield
    page = item.funcargs.get("page")
    if report.when == "call" and report.failed and page:
        FAILURES.mkdir(exist_ok=True)
        name = item.name.replace("/", "-")
        # Of some documents, such as an SVG file, there is none.
        with suppress(Error):
            page.screenshot(path=FAILURES / f"{name}.png", full_page=True)
        (FAILURES / f"{name}.html").write_text(page.content())
    return report


@pytest.fixture(scope="session")
def django_db_modify_db_settings(tmp_path_factory):
    """Let the server's threads have connections of their own, not share one in memory."""
    path = tmp_path_factory.mktemp("database") / "test.sqlite3"
    connection.settings_dict["TEST"]["NAME"] = str(path)


@pytest.fixture(scope="session")
def browser_path():
    names = ("chromium", "chromium-browser", "google-chrome")
    path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
    assert path, "No Chromium found: install one, or name it in the variable CHROMIUM."
    return path


@pytest.fixture(scope="session")
def browser(browser_path, live_server):
    """Start Chromium after the server and stop it before, so that no request is left open."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path)
        yield browser
        browser.close()


@pytest.fixture
def open_browser(browser, django_db_serialized_rollback, live_server):
    """Open pages on the example project, each of a visitor of its own; an error in a console
    fails the test. With ``may_fail=True`` the server, or the way to it, may.

    A live server's database is emptied after each test: the rollback brings back what the
    migrations planted.
    """
    contexts, errors = [], []

    def open_browser(*, may_fail=False, **options):
        def listen(message):
            # Browsers ask for this icon unasked; to have one is up to the site.
            is_icon = message.location["url"].endswith("/favicon.ico")
            is_expected = may_fail and message.text.startswith("Failed to load resource")
            if message.type in ("error", "warning") and not is_icon and not is_expected:
                errors.append((message.text, message.location["url"]))

        context = browser.new_context(base_url=live_server.url, **options)
        contexts.append(context)
        context.set_default_timeout(10_000)
        context.add_init_script(
            "document.addEventListener('securitypolicyviolation',"
            " e => console.error(`${e.effectiveDirective} forbids ${e.blockedURI} ${e.sample}`))"
        )
        context.on("console", listen)
        context.on("weberror", lambda error: errors.append(str(error.error)))
        return context.new_page()

    yield open_browser
    for context in contexts:
        context.close()
    assert errors == []


@pytest.fixture
def page(open_browser):
    return open_browser()


@pytest.fixture
def described_node(page):
    return describe()


def describe():
    """Give the topic "Middleware" all that a page can show."""
    node = RoadmapNode.objects.get(path="django/middleware")
    node.summary = "Code that sees each request first and each response last."
    node.minutes = 90
    node.description = DESCRIPTION
    node.save()
    paths = ["django/functions", "django/work-with-urls-views-templates"]
    node.prerequisites.set(RoadmapNode.objects.filter(path__in=paths))
    node.resources.all().delete()
    docs = "https://docs.djangoproject.com/en/stable"
    code = "https://github.com/django/django/blob/main/django/middleware/common.py"
    for title, url, kind in (
        ("Middleware", f"{docs}/topics/http/middleware/", "official"),
        ("Middleware ordering", f"{docs}/ref/middleware/#middleware-ordering", "official"),
        ("CommonMiddleware", code, "source"),
    ):
        Resource.objects.create(node=node, title=title, url=url, kind=kind)
    return node


@pytest.fixture(scope="session")
def node_modules():
    """What package.json beside this names; tox installs it."""
    path = os.environ.get("NODE_MODULES")
    assert path, "Name the folder that npm has installed to in the variable NODE_MODULES."
    return Path(path)


@pytest.fixture
def staff(page):
    """Log in through the admin's own page."""
    User.objects.create_superuser("admin", password="admin")
    open_page(page, "/admin/login/?next=/admin/")
    page.get_by_label("Username").fill("admin")
    page.get_by_label("Password").fill("admin")
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url("**/admin/")
