"""Every page and file by the Nu HTML Checker."""

import json
import re
import subprocess

from checks import open_page
from pages import ADMIN, FILES, PAGES, address_of, prepare

NOT_OURS = {
    # Django's admin has such words in Arabic, and of two apps with a text the first one's is shown.
    "is not in Unicode Normalization Form C": "",
    # Where nothing is chosen yet, in a field with autocomplete.
    "Element “option” without attribute “label” must not be empty": "admin-",
    # The list of apps at the side of the admin.
    "A table row was 2 columns wide, which is less than the column count": "admin-",
    # Titles and texts of roadmaps, whose language nobody has said.
    "This document appears to be written in English but": "",
    # What a field was when its form was shown, in a hidden one with the same help text.
    "whose value is “hidden” must not have any “aria-*” attributes": "admin-",
}
"""By what is said, how the names of the pages begin of which it is said."""


def messages(node_modules, folder, *options):
    """What the checker has to say of the files in a folder."""
    jar = node_modules / "vnu-jar" / "build" / "dist" / "vnu.jar"
    command = ["java", "-jar", jar, "--format", "json", "--stdout", "--exit-zero-always"]
    files = sorted(folder.iterdir())
    done = subprocess.run(
        [*command, *options, *files], check=True, capture_output=True, text=True, timeout=300
    )
    return [
        f"{found['url'].rpartition('/')[2]}:{found.get('lastLine')} {found['message']}"
        f" — {found.get('extract', '')}"
        for found in json.loads(done.stdout)["messages"]
        if found["type"] != "info" or found.get("subType") == "warning"
        if not any(
            found["url"].rpartition("/")[2].startswith(where) and known in found["message"]
            for known, where in NOT_OURS.items()
        )
    ]


def test_pages_are_valid(open_browser, node_modules, tmp_path):
    clients = prepare()
    for language in ("en", "ar"):
        for found in PAGES:
            headers = {"Accept-Language": language}
            response = clients[found.visitor].get(address_of(found), headers=headers)
            assert response.status_code == found.status
            (tmp_path / f"{found.name}-{language}.html").write_bytes(response.content)
    for name, text in (("preview", "Neu\n\tTeil"), ("problems", "{")):
        values = {"text": text, "existing": "refuse"}
        response = clients["staff"].post(f"{ADMIN}/roadmap/import/", values)
        (tmp_path / f"admin-{name}.html").write_bytes(response.content)
    assert messages(node_modules, tmp_path) == []


def test_files_are_valid(open_browser, node_modules, tmp_path):
    clients = prepare()
    for number, address in enumerate(FILES):
        for name, client in clients.items():
            content = client.get(address).content
            (tmp_path / f"{name}-{number}.svg").write_bytes(content)
    assert messages(node_modules, tmp_path, "--also-check-svg") == []


def test_page_is_valid_as_the_scripts_leave_it(page, node_modules, tmp_path):
    open_page(page, "/roadmaps/django/")
    page.locator(".roadmap-tick").first.click()
    page.locator(".roadmap-done").first.wait_for()
    page.locator(".roadmap-more").nth(3).click()
    page.locator(".roadmap-menu").wait_for()
    html = re.sub("^<!DOCTYPE html>", "<!doctype html>", page.content())
    (tmp_path / "page.html").write_text(html)
    assert messages(node_modules, tmp_path) == []


def test_checker_finds_what_is_wrong(node_modules, tmp_path):
    (tmp_path / "page.html").write_text("<!doctype html><title>A page</title><p><ul></ul></p>")
    (tmp_path / "file.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg"><g x="1"/></svg>')
    found = messages(node_modules, tmp_path, "--also-check-svg")
    assert len(found) >= 2
