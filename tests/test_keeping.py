"""What is kept is never stale and never gets to where it does not belong, with any cache."""

import json
import os
import pickle
import shutil
import subprocess
import sys
import tempfile
import time
import uuid
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import counting_tags
import pytest
from django.contrib.auth.models import AnonymousUser, User
from django.core.cache import caches
from django.db import connection, models, transaction
from django.template import engines
from django.urls import include, re_path, set_script_prefix, set_urlconf
from django.utils import translation
from pages import separately
from roadmaps import node

from django_roadmap import editing, editions, locking
from django_roadmap.models import Progress, Resource, RoadmapNode
from django_roadmap.outline import Link, Outline
from django_roadmap.rendering import roadmap_table, roadmap_tree

pytestmark = [
    pytest.mark.django_db(databases=["default", "other"]),
    pytest.mark.usefixtures("same_token"),
]

NODE = "django_roadmap/node.html"
ROW = "django_roadmap/row.html"
EVERYTHING = (
    "{{ node.title }}|{{ node.summary }}|{{ node.minutes }}|{{ node.is_optional }}|{{ url }}|"
    "{{ number }}|{{ state }}|{% for link in resources %}{{ link.title }} {{ link.url }}|"
    "{% endfor %}{{ counts }}({{ children }}){% load counting_tags %}{% note node.title %}"
)


@pytest.fixture(scope="session")
def redis():
    """The address of a real Redis; one of our own where the environment names none."""
    program, address = shutil.which("redis-server"), os.environ.get("REDIS_URL")
    if not find_spec("redis") or not (address or program):
        missing = "Redis is missing: redis-py, or both REDIS_URL and redis-server."
        (pytest.fail if "CI" in os.environ else pytest.skip)(missing)
    if address:
        yield address
        return
    # The path of a socket may not be long.
    with tempfile.TemporaryDirectory() as folder:
        socket = Path(folder, "redis.sock")
        command = [program, "--port", "0", "--unixsocket", str(socket), "--save", ""]
        server = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL)
        try:
            deadline = time.monotonic() + 30
            while not socket.exists():
                assert time.monotonic() < deadline, "Redis does not start."
                time.sleep(0.02)
            yield f"unix://{socket}"
        finally:
            server.terminate()
            server.wait()


BACKENDS = {
    "locmem": "django.core.cache.backends.locmem.LocMemCache",
    "redis": "django.core.cache.backends.redis.RedisCache",
    "dummy": "django.core.cache.backends.dummy.DummyCache",
    "down": "bad_caches.Down",
    "unreachable": "django.core.cache.backends.redis.RedisCache",
    "full": "bad_caches.Full",
    "rubbish": "bad_caches.Rubbish",
}
ALL, SOUND, WORKING = list(BACKENDS), ["locmem", "redis", "dummy"], ["locmem", "redis"]
BROKEN = [name for name in BACKENDS if name not in SOUND]


@pytest.fixture
def cache(request, settings):
    """The site's cache, of the kind that the test names; empty, and its name."""
    kind = request.param
    location = f"keeping-{uuid.uuid4()}"
    if "RedisCache" in BACKENDS[kind]:
        address = request.getfixturevalue("redis")
        location = address if kind == "redis" else "unix:///nowhere/redis.sock"
    settings.CACHES = {
        # One Redis may serve several test runs at once.
        "default": {
            "BACKEND": BACKENDS[kind],
            "LOCATION": location,
            "KEY_PREFIX": str(uuid.uuid4()),
        }
    }
    yield kind
    if kind == "redis":
        client = caches["default"]._cache.get_client()
        client.close()
        client.connection_pool.disconnect()


def with_caches(names):
    return pytest.mark.parametrize("cache", names, indirect=True)


@pytest.fixture
def python(alone, grow):
    """The first roadmap, with links, and another one."""
    root = grow("Python", {"Basics": ["Loops", "Names"], "Files": ["Paths"]}, position=1)
    for path in ("python/loops", "python/basics"):
        node(path).resources.create(title="Docs", url=f"https://docs.example/{path}")
    grow("Ruby", ["Gems"], position=2)
    return root


def save(path, **values):
    changed = node(path)
    for name, value in values.items():
        setattr(changed, name, value)
    changed.save()


def forget():
    """As in a process that has just begun, with nothing at hand."""
    editions._recent.clear()


def visits(root, basics, request=None):
    """What these visits show: of a node, of the first roadmap, of a table."""
    return [
        roadmap_tree(root, request=request, assets=False),
        roadmap_tree(request=request, assets=False),
        roadmap_tree(root, depth=1, request=request, assets=False),
        roadmap_table(basics, request=request, assets=False),
    ]


def nothing_kept(root, basics, request=None):
    """What they have to show: of a branch in memory nothing is kept."""

    def branch(target):
        try:
            return RoadmapNode.objects.branch(target)
        except RoadmapNode.DoesNotExist:
            return None

    trees = branch(root), RoadmapNode.objects.first_roadmap(), branch(root), branch(basics)
    options = {"request": request, "assets": False}
    return [
        trees[0] and roadmap_tree(trees[0], **options),
        trees[1] and roadmap_tree(trees[1], **options),
        trees[2] and roadmap_tree(trees[2], depth=1, **options),
        trees[3] and roadmap_table(trees[3], **options),
    ]


def shown(html):
    return [text or None for text in html]


NEW = Outline("New", children=[Outline("A", resources=[Link("A", "https://a.example/")])])

EDITS = {
    "save": lambda: save("python/loops", title="Iteration"),
    "create": lambda: RoadmapNode.objects.create(title="New", parent=node("python/basics")),
    "summary": lambda: save("python/basics", summary="Read this."),
    "optional": lambda: save("python/loops", is_optional=True),
    "hide": lambda: save("python/names", is_published=False),
    "hide roadmap": lambda: save("python", is_published=False),
    "rename": lambda: save("python/loops", slug="iteration"),
    "rename roadmap": lambda: save("python", slug="snakes"),
    "reparent": lambda: save("python/files", parent=node("python/basics")),
    "move": lambda: node("python/names").move_to(node("python/loops"), "left"),
    "move away": lambda: node("python/loops").move_to(node("ruby/gems")),
    "move here": lambda: node("ruby/gems").move_to(node("python/loops"), "left"),
    "delete": lambda: node("python/basics").delete(),
    "delete roadmap": lambda: node("python").delete(),
    "queryset.update": lambda: RoadmapNode.objects.filter(path="python/loops").update(minutes=5),
    "update of all": lambda: RoadmapNode.objects.update(minutes=5),
    "queryset.delete": lambda: RoadmapNode.objects.filter(path="python/loops").delete(),
    "bulk_update": lambda: RoadmapNode.objects.bulk_update(
        [RoadmapNode(pk=node("python/loops").pk, title="Iteration")], ["title"]
    ),
    "editing.add": lambda: editing.add(NEW, node("python/basics"), "left"),
    "editing.copy": lambda: editing.copy(node("python/basics"), node("python/files")),
    "editing.replace": lambda: editing.replace(node("python/basics"), NEW),
    "editing.replace all": lambda: editing.replace(node("python"), NEW, delete=True),
    "editing.rename": lambda: editing.rename(node("python"), "snakes"),
    "resource saved": lambda: Resource(
        node=node("python/loops"), title="More", url="https://more.example/"
    ).save(),
    "resource moved": lambda: Resource.objects.update(node=node("python/names")),
    "resources deleted": lambda: Resource.objects.all().delete(),
}


def past_us():
    models.QuerySet(RoadmapNode).filter(path="python/loops").update(title="Iteration")
    editing.touch("python")


EDITS["editing.touch"] = past_us


class TestNeverStale:
    @pytest.mark.parametrize("edit", EDITS)
    @with_caches([*SOUND, "down"])
    def test_an_edit_shows_on_the_next_visit(self, cache, python, templates, edit):
        templates({NODE: EVERYTHING, ROW: EVERYTHING})
        nodes = node("python"), node("python/basics")
        before = [visits(*nodes) for _ in range(2)][1]
        assert before == nothing_kept(*nodes)
        EDITS[edit]()

        expected = nothing_kept(*nodes)
        assert expected[0] != before[0]
        assert shown(visits(*nodes)) == expected
        assert shown(visits(*nodes)) == expected
        forget()
        assert shown(visits(*nodes)) == expected

    @pytest.mark.parametrize("edit", EDITS)
    @with_caches(WORKING)
    def test_an_edit_by_another_process_shows(self, cache, python, templates, edit):
        """Which has put what it shows in the cache; we have at hand what was."""
        templates({NODE: EVERYTHING, ROW: EVERYTHING})
        nodes = node("python"), node("python/basics")
        visits(*nodes)
        at_hand = editions._recent.copy()
        EDITS[edit]()
        forget()
        visits(*nodes)
        forget()
        editions._recent.update(at_hand)

        assert shown(visits(*nodes)) == nothing_kept(*nodes)

    @with_caches(WORKING)
    def test_a_path_shows_who_has_it_now(self, cache, python, grow):
        for path in ("python", "python/loops"):
            roadmap_tree(path)
        editing.rename(node("python"), "snakes")
        assert roadmap_tree("python") == roadmap_tree("python/loops") == ""
        assert "Loops" in roadmap_tree("snakes")
        editing.rename(node("ruby"), "python")
        assert "Gems" in roadmap_tree("python")
        assert "Loops" not in roadmap_tree("python")

    @with_caches(SOUND)
    def test_an_edit_of_one_roadmap_leaves_the_others(self, cache, python, templates):
        templates({NODE: EVERYTHING})
        roadmap_tree("ruby")
        save("python/loops", title="Iteration")
        counting_tags.rendered.clear()

        assert "Gems" in roadmap_tree("ruby")
        assert not counting_tags.rendered

    @with_caches(SOUND)
    def test_what_is_rolled_back_was_never_shown(self, cache, python):
        old = roadmap_tree("python")
        for title in ("One", "Two"):
            with transaction.atomic():
                save("python/loops", title=title)
                assert title in roadmap_tree("python")
                save("python/names", title=f"{title} more")
                assert f"{title} more" in roadmap_tree("python")
                transaction.set_rollback(True)
            assert roadmap_tree("python") == old
            forget()
            assert roadmap_tree("python") == old
        save("python/loops", title="Three")
        assert "Three" in roadmap_tree("python")

    @with_caches(SOUND)
    def test_in_the_midst_of_an_edit(self, cache, python, templates):
        templates({NODE: EVERYTHING})
        old = roadmap_tree("python")
        with locking.lock(RoadmapNode, "default", [python.tree_id]):
            for title in ("One", "Two"):
                save("python/loops", title=title)
                assert title in roadmap_tree("python")
            with transaction.atomic():
                save("python/loops", title="Three")
                assert "Three" in roadmap_tree("python")
                transaction.set_rollback(True)
            assert "Two" in roadmap_tree("python")
        assert roadmap_tree("python") == roadmap_tree(RoadmapNode.objects.branch("python"))
        assert roadmap_tree("python") == old.replace("Loops", "Two")

    @with_caches(SOUND)
    def test_an_edit_while_the_roadmap_is_read(self, cache, python, templates):
        """It was found before the edit and read after it, so it is kept as what it is."""
        templates({NODE: EVERYTHING})
        with before_query(2, lambda: save("python/loops", title="Iteration")):
            assert "Iteration" in roadmap_tree("python")
        counting_tags.rendered.clear()

        assert "Iteration" in roadmap_tree("python")
        assert not counting_tags.rendered
        save("python/loops", title="Loops")
        assert "Iteration" not in roadmap_tree("python")

    @with_caches(SOUND)
    def test_an_edit_while_a_learner_reads(self, cache, python, templates, rf):
        """What is kept is of another edition than what has yet to be rendered."""
        templates({NODE: EVERYTHING})
        ada, bob = visitor(rf, "ada"), visitor(rf, "bob")
        for path in ("python/paths", "python/names"):
            mark(ada, path, "done")
            tree("python", ada)
        mark(ada, "python/names", "learning")
        with before_query(3, lambda: node("python/loops").delete()):
            html = tree("python", ada)

        fresh = RoadmapNode.objects.branch("python")
        assert html == tree(fresh, ada)
        assert "Loops" not in html
        for request in (ada, bob, ada):
            assert tree("python", request) == tree(fresh, request)


def tree(target, request):
    return roadmap_tree(target, request=request, assets=False)


@contextmanager
def before_query(number, change):
    """Make a change just before the query of this number."""
    queries = iter(range(1, number + 1))

    def execute(run, sql, *args):
        turn = next(queries, None)
        if turn == number:
            change()
        return run(sql, *args)

    with connection.execute_wrapper(execute):
        yield
    assert next(queries, None) is None


class TestHowOften:
    @with_caches(ALL)
    def test_queries(self, cache, python, templates, django_assert_num_queries):
        templates({NODE: EVERYTHING, ROW: EVERYTHING})
        for function in (roadmap_tree, roadmap_table):
            for target in ("python", "python/basics", python):
                with django_assert_num_queries(3):
                    function(target)
                for _ in range(2):
                    with django_assert_num_queries(1):
                        function(target)
        save("python/loops", title="Iteration")
        with django_assert_num_queries(3):
            roadmap_tree("python")
        with django_assert_num_queries(1):
            roadmap_tree("python")

    @with_caches(ALL)
    def test_queries_of_learners(self, cache, python, rf, django_assert_num_queries):
        ada, bob = visitor(rf, "ada"), visitor(rf, "bob")
        mark(ada, "python/loops", "done")
        with django_assert_num_queries(3):
            roadmap_tree("python", request=ada)
        mark(bob, "python/loops", "done")
        with django_assert_num_queries(2):
            roadmap_tree("python", request=bob)

    @with_caches(ALL)
    def test_is_rendered_once(self, cache, python, templates):
        templates({NODE: EVERYTHING})
        first = roadmap_tree("python")
        assert counting_tags.rendered == ["Basics", "Loops", "Names", "Files", "Paths"]
        assert [roadmap_tree("python") for _ in range(3)] == [first] * 3
        assert len(counting_tags.rendered) == 5

    @pytest.mark.parametrize(
        ("cache", "times"),
        [(name, 1 if name in WORKING else 2) for name in ALL],
        indirect=["cache"],
    )
    def test_in_two_processes(self, cache, times, python, templates, django_assert_num_queries):
        templates({NODE: EVERYTHING})
        first = roadmap_tree("python")
        forget()
        with django_assert_num_queries(1 if times == 1 else 3):
            assert roadmap_tree("python") == first
        assert len(counting_tags.rendered) == 5 * times

    @with_caches(SOUND)
    def test_of_a_learner_what_has_another_state(self, cache, python, templates, rf):
        templates({NODE: EVERYTHING})
        ada, bob = visitor(rf, "ada"), visitor(rf, "bob")
        mark(ada, "python/paths", "done")
        roadmap_tree("python", request=ada)
        counting_tags.rendered.clear()
        mark(ada, "python/loops", "done")
        roadmap_tree("python", request=ada)
        assert sorted(counting_tags.rendered) == ["Basics", "Loops"]
        mark(bob, "python/loops", "done")
        roadmap_tree("python", request=bob)
        assert len(counting_tags.rendered) == 2


def visitor(rf, name):
    request = separately(rf.get("/"))
    request.user = User.objects.get_or_create(username=name)[0]
    return request


def mark(request, path, state):
    Progress.objects.update_or_create(user=request.user, node=node(path), defaults={"state": state})


class TestLearners:
    @with_caches(ALL)
    def test_see_their_own_states(self, cache, python, templates, rf):
        templates({NODE: EVERYTHING, ROW: EVERYTHING})
        nobody, ada, bob, eve = rf.get("/"), *(visitor(rf, name) for name in ("ada", "bob", "eve"))
        nobody.user = AnonymousUser()
        everybody = [ada, None, bob, nobody, eve]
        nodes = node("python"), node("python/basics")

        def all_visits():
            pages = [visits(*nodes, request) for request in (*everybody, *everybody[::-1])]
            expected = [nothing_kept(*nodes, request) for request in everybody]
            assert pages == [*expected, *expected[::-1]]
            assert pages[1] == pages[3]
            assert not any(state in "".join(pages[1]) for state in ("pending", "done", "skipped"))
            return expected

        first = all_visits()
        assert first[0] == first[2] == first[4]
        mark(ada, "python/loops", "done")
        mark(bob, "python/names", "skipped")
        second = all_visits()
        assert second[4] == first[4]
        assert len({"".join(second[i]) for i in (0, 1, 2, 4)}) == 4
        mark(ada, "python/loops", "learning")
        Progress.objects.filter(user=bob.user).delete()
        third = all_visits()
        assert third[2] == first[2]
        assert third[0] not in (first[0], second[0])
        forget()
        assert all_visits() == third

    @with_caches(WORKING)
    def test_marks_on_other_roadmaps_are_no_matter(self, cache, python, rf):
        ada, bob = visitor(rf, "ada"), visitor(rf, "bob")
        mark(ada, "ruby/gems", "done")
        trees = [roadmap_tree("python", request=request) for request in (ada, bob)]
        assert trees[0] == trees[1]
        assert "roadmap-done" in roadmap_tree("ruby", request=ada)
        assert "roadmap-done" not in roadmap_tree("ruby", request=bob)

    @with_caches(WORKING)
    def test_everybody_has_assets_once(self, cache, python, rf):
        for _ in range(2):
            ada = rf.get("/")
            ada.user = visitor(rf, "ada").user
            pages = [roadmap_tree("python", request=ada) for _ in range(2)]
            for once in ("stylesheet", "marking.js", 'id="python/loops"'):
                assert [once in page for page in pages] == [True, False]


ELSEWHERE = (re_path("^elsewhere/", include("django_roadmap.urls")),)


class TestKeptApart:
    def check(self, ways):
        """Each way is shown as if it were the only one, in any order."""
        alone = []
        for way in ways:
            forget()
            caches["default"].clear()
            alone.append(way())
        assert len(set(alone)) == len(ways)
        forget()
        caches["default"].clear()
        assert [way() for way in ways] == alone
        assert [way() for way in ways[::-1]] == alone[::-1]
        forget()
        assert [way() for way in ways] == alone

    @with_caches(["locmem"])
    def test_arguments(self, cache, python):
        self.check(
            [
                lambda: roadmap_tree("python"),
                lambda: roadmap_tree("python", depth=1),
                lambda: roadmap_tree("python", depth=1, numbered=True),
                lambda: roadmap_tree("python", numbered=True),
                lambda: roadmap_tree("python/basics"),
                lambda: roadmap_tree("python/basics", numbered=True),
                lambda: roadmap_tree("ruby"),
                lambda: roadmap_tree("ruby", numbered=False),
                lambda: roadmap_tree("ruby", assets=False),
                lambda: roadmap_table("python"),
                lambda: roadmap_table("python", numbered=True),
                lambda: roadmap_table("python/basics"),
            ]
        )

    @with_caches(["locmem"])
    @pytest.mark.parametrize("function", [roadmap_tree, roadmap_table])
    def test_languages(self, cache, python, templates, function):
        source = "{% load i18n %}{% get_current_language as here %}{{ here }} {{ node.title }}"
        templates({NODE: source, ROW: source})

        def way(language):
            def show():
                with translation.override(language):
                    html = function("python")
                assert f"{language} Basics" in html
                return html

            return show

        self.check([way(language) for language in ("en", "de", "pt-br", "pt")])

    @with_caches(["locmem"])
    @pytest.mark.parametrize("function", [roadmap_tree, roadmap_table])
    def test_addresses(self, cache, python, function, settings):
        def way(prefix, urlconf=None):
            def show():
                try:
                    set_script_prefix(prefix)
                    set_urlconf(urlconf)
                    return function("python", assets=False)
                finally:
                    set_script_prefix("/")
                    set_urlconf(None)

            return show

        assert 'href="/site/roadmaps/python/basics/"' in way("/site/")()
        self.check([way("/"), way("/site/"), way("/other/"), way("/", ELSEWHERE)])

    @with_caches(["locmem"])
    def test_sites_of_one_cache(self, cache, python, settings):
        def way(urlconf):
            def show():
                settings.ROOT_URLCONF = urlconf
                return roadmap_tree("python")

            return show

        self.check([way("urls"), way(ELSEWHERE)])

    @with_caches(["locmem"])
    def test_template_sets(self, cache, python, templates):
        def way(sources):
            def show():
                templates(sources)
                return roadmap_tree("python")

            return show

        base = "{{ node.title }}{% block a %}{% endblock %}{{ children }}"
        child = "{% extends 'base.html' %}{% block a %}{% include 'part.html' %}{% endblock %}"
        self.check(
            [
                way({}),
                way({NODE: base}),
                way({"django_roadmap/python/node.html": f"Python's: {base}"}),
                way({"django_roadmap/counts.html": "[{{ topics }}]"}),
                way({"django_roadmap/tree.html": "{{ children }}"}),
                way({NODE: child, "base.html": base, "part.html": "one"}),
                way({NODE: child, "base.html": base, "part.html": "two"}),
                way({NODE: child, "base.html": f"{base}!", "part.html": "two"}),
            ]
        )

    @with_caches(WORKING)
    @pytest.mark.parametrize("by", ["path", "node", "first"])
    def test_databases(self, cache, python, grow, settings, by):
        """The same path, tree and even version, in one cache."""
        RoadmapNode.objects.using("other").delete()
        other = grow("Python", {"Basics": ["Elsewhere"]}, using="other", position=1)
        rows = models.QuerySet(RoadmapNode, using="other")
        rows.filter(tree_id=other.tree_id).update(tree_id=python.tree_id)
        rows.filter(parent=None).update(version=node("python").version)

        def show(using, process=lambda: None):
            settings.DATABASE_ROUTERS = [ReadsFrom(using)]
            process()
            target = {"path": ["python"], "first": [], "node": [nodes[using]]}[by]
            return roadmap_tree(*target)

        nodes = {using: node("python", using) for using in ("default", "other")}
        for process in (lambda: None, forget):
            for using in ("default", "other", "default"):
                html = show(using, process)
                assert ("Elsewhere" in html) is (using == "other")
                assert ("Loops" in html) is (using == "default")


class ReadsFrom:
    def __init__(self, using):
        self.using = using

    def db_for_read(self, model, **hints):
        return self.using


class TestUnpublished:
    @with_caches(ALL)
    def test_staff_see_it_and_visitors_never(self, cache, python, client, admin_user):
        save("python/loops", is_published=False)

        def page(path, is_staff):
            client.logout()
            if is_staff:
                client.force_login(admin_user)
            return client.get(f"/roadmaps/{path}/")

        for is_staff in (True, False, True, False):
            assert (b"Loops" in page("python", is_staff).content) is is_staff
            assert page("python/loops", is_staff).status_code == (200 if is_staff else 404)
            assert "Loops" not in roadmap_tree("python")

    @with_caches(WORKING)
    def test_hidden_and_shown_again(self, cache, python):
        loops = node("python/loops")
        html = roadmap_tree("python"), roadmap_tree("python/basics")
        for hidden in ("python", "python/basics", "python/loops"):
            save(hidden, is_published=False)
            assert "Loops" not in roadmap_tree("python") + roadmap_tree("python/basics")
            assert "Loops" not in roadmap_table("python/basics") + roadmap_tree(loops)
            save(hidden, is_published=True)
            assert (roadmap_tree("python"), roadmap_tree("python/basics")) == html


class TestTemplatesOnDisk:
    @pytest.fixture
    def folder(self, tmp_path, settings):
        """Where templates are; ``settings`` are those of a site that keeps them in memory."""
        (tmp_path / "django_roadmap").mkdir()
        settings.TEMPLATES = [
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "DIRS": [str(tmp_path)],
                "APP_DIRS": True,
            }
        ]
        return tmp_path

    @with_caches(SOUND)
    def test_another_one_is_shown_when_it_is_loaded(self, cache, python, folder):
        (folder / NODE).write_text("one")
        assert "one" in roadmap_tree("python")
        (folder / NODE).write_text("{% include 'part.html' %}")
        (folder / "part.html").write_text("two")
        self.load()
        assert "two" in roadmap_tree("python")
        (folder / "part.html").write_text("three")
        self.load()
        assert "three" in roadmap_tree("python")
        (folder / NODE).unlink()
        self.load()
        assert "Loops" in roadmap_tree("python")

    def load(self):
        for loader in engines["django"].engine.template_loaders:
            loader.reset()

    @with_caches(SOUND)
    def test_under_debug_every_edit_is_seen_at_once(self, cache, python, folder, settings):
        """Even of what the fingerprint knows nothing about."""
        settings.DEBUG = True
        settings.TEMPLATES = [
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "OPTIONS": {
                    "loaders": [
                        ("django.template.loaders.filesystem.Loader", [str(folder)]),
                        "django.template.loaders.app_directories.Loader",
                    ]
                },
            }
        ]
        (folder / NODE).write_text("{% include node.summary %}")
        RoadmapNode.objects.filter(tree_id=python.tree_id).update(summary="part.html")
        for text in ("one", "two", "three"):
            (folder / "part.html").write_text(text)
            assert text in roadmap_tree("python")
        (folder / NODE).write_text("four")
        assert "four" in roadmap_tree("python")
        settings.DEBUG = False
        (folder / NODE).write_text("five")
        assert "five" in roadmap_tree("python")


class TestBadCaches:
    @with_caches(BROKEN)
    def test_it_renders_and_logs(self, cache, python, rf, caplog):
        nodes = node("python"), node("python/basics")
        ada = visitor(rf, "ada")
        mark(ada, "python/loops", "done")
        for request in (None, ada):
            forget()
            caplog.clear()
            assert visits(*nodes, request) == nothing_kept(*nodes, request)
            assert caplog.records
            assert {r.name for r in caplog.records} == {"django_roadmap"}
            assert {r.levelname for r in caplog.records} == {"WARNING"}

    @with_caches(BROKEN)
    def test_pages_are_shown(self, cache, python, client):
        for _ in range(2):
            forget()
            assert b"Loops" in client.get("/roadmaps/python/").content

    @with_caches(SOUND)
    def test_of_a_good_one_nothing_is_logged(self, cache, python, rf, caplog):
        ada = visitor(rf, "ada")
        mark(ada, "python/loops", "done")
        for request in (None, ada, None, ada):
            roadmap_tree("python", request=request)
            forget()

        assert not caplog.records

    @with_caches(WORKING)
    @pytest.mark.parametrize(
        "spoil",
        [
            lambda value: b"rubbish",
            lambda value: b"",
            lambda value: b"17",
            lambda value: b"cnowhere\nnothing\n.",
            lambda value: b"\x80\x05\x95\xff\xff\xff\xff\xff\xff\xff\x7f.",
            lambda value: value[: len(value) // 2],
            lambda value: value[:-1],
            lambda value: value[len(value) // 2 :],
            lambda value: pickle.dumps("a string"),
            lambda value: pickle.dumps(("version",)),
            lambda value: pickle.dumps(("version", 1, 2)),
            lambda value: pickle.dumps((1, "value")),
            lambda value: pickle.dumps({"version": "value"}),
        ],
        ids=[
            *("bytes", "empty", "number", "module", "huge", "half", "cut", "end"),
            *("string", "short tuple", "long tuple", "no version", "dict"),
        ],
    )
    def test_garbage_under_our_keys(
        self, cache, python, rf, caplog, spoil, django_assert_num_queries
    ):
        nodes = node("python"), node("python/basics")
        ada = visitor(rf, "ada")
        mark(ada, "python/loops", "done")
        for request in (None, ada):
            expected = visits(*nodes, request)
            keys = list(editions._recent)
            for key in keys:
                raw_set(cache, key, spoil(raw_get(cache, key)))
            forget()
            caplog.clear()
            assert visits(*nodes, request) == expected
            assert {r.name for r in caplog.records} == {"django_roadmap"}
            # What was rendered is kept in its place.
            forget()
            caplog.clear()
            with django_assert_num_queries(1 if request is None else 2):
                roadmap_tree(python, request=request)
            assert not caplog.records

    @with_caches(WORKING)
    def test_lost_in_part(self, cache, python, rf):
        """A cache that is full drops what it likes."""
        ada = visitor(rf, "ada")
        mark(ada, "python/loops", "done")
        nodes = node("python"), node("python/basics")
        expected = visits(*nodes, ada)
        for name in ("pieces", "others"):
            keys = [key for key in editions._recent if key.endswith(name)]
            assert keys
            caches["default"].delete_many(keys)
            forget()
            assert visits(*nodes, ada) == expected

    @with_caches(WORKING)
    def test_pieces_of_one_rendering_with_others_of_another(self, cache, python, rf):
        """Two processes have rendered the same version at the same time."""
        ada = visitor(rf, "ada")
        mark(ada, "python/loops", "done")
        expected = tree("python", ada)
        [others] = [key for key in editions._recent if key.endswith("others")]
        kept = caches["default"].get(others)
        caches["default"].delete_many(list(editions._recent))
        forget()
        tree("python", ada)
        forget()
        caches["default"].set(others, kept)

        assert tree("python", ada) == expected
        forget()
        assert tree("python", ada) == expected


def raw_get(kind, key):
    cache = caches["default"]
    key = cache.make_and_validate_key(key)
    if kind == "redis":
        return cache._cache.get_client(key).get(key)
    return cache._cache[key]


def raw_set(kind, key, value):
    cache = caches["default"]
    key = cache.make_and_validate_key(key)
    if kind == "redis":
        cache._cache.get_client(key, write=True).set(key, value)
    else:
        cache._cache[key] = value


@pytest.mark.django_db(transaction=True)
class TestProcesses:
    @with_caches(SOUND)
    def test_edits_of_each_show_in_the_other(self, cache, python, settings):
        with another_process(settings.CACHES) as ask:
            for number in range(3):
                before = roadmap_tree("python")
                assert ask("show", "python") == before
                assert ask("show", "python/basics") == roadmap_tree("python/basics")
                assert ask("retitle", "python/loops", f"Theirs {number}") == "done"
                html = roadmap_tree("python")
                assert f"Theirs {number}" in html
                assert f"Theirs {number}" in roadmap_tree("python/basics")
                assert ask("show", "python") == html
                save("python/loops", title=f"Ours {number}")
                assert f"Ours {number}" in ask("show", "python")
                assert f"Ours {number}" in ask("show", "python/basics")
                assert ask("show", "python") == roadmap_tree("python")

    @with_caches(WORKING)
    def test_nobody_sees_what_is_not_committed(self, cache, python, settings):
        if connection.vendor == "sqlite":
            # Who writes keeps readers out only at the end; both see what is committed.
            assert connection.settings_dict["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
        old = roadmap_tree("python")
        with another_process(settings.CACHES) as ask:
            with transaction.atomic():
                save("python/loops", title="Not yet")
                assert "Not yet" in roadmap_tree("python")
                assert ask("show", "python") == old
                assert "Not yet" in roadmap_tree("python")
            assert "Not yet" in ask("show", "python")
            with transaction.atomic():
                save("python/loops", title="Never")
                assert "Never" in roadmap_tree("python")
                transaction.set_rollback(True)
            assert "Not yet" in ask("show", "python")
            assert "Not yet" in roadmap_tree("python")


@contextmanager
def another_process(cache_settings):
    """``ask(what, path, ...)`` tells a process of the site to do it; see ``visitor.py``."""
    database = str(connection.settings_dict["NAME"])
    path = os.pathsep.join(filter(None, sys.path))
    process = subprocess.Popen(
        [sys.executable, "-m", "visitor", database, json.dumps(cache_settings)],
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "settings", "PYTHONPATH": path},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )

    def ask(*question):
        process.stdin.write(json.dumps(question) + "\n")
        process.stdin.flush()
        answer = process.stdout.readline()
        assert answer, "The other process has ended."
        return json.loads(answer)

    with process:
        try:
            yield ask
        finally:
            process.stdin.close()
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
