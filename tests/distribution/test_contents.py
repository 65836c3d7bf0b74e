"""What is in the wheel and the sdist, whose folder DIST names."""

import os
import subprocess
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DIST = Path(os.environ["DIST"])


@pytest.fixture(scope="module")
def checkout():
    """List the files of the checkout that are written by people."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True).stdout
    # The sdist has copies where the checkout has a link to a folder.
    linked = {
        f"{name}/{path.name}"
        for name in names.split("\0")
        if (ROOT / name).is_symlink()
        for path in (ROOT / name).iterdir()
    }
    return linked | {name for name in names.split("\0") if (ROOT / name).is_file()}


def test_wheel_is_the_package_and_nothing_else(checkout):
    [path] = DIST.glob("*.whl")
    with zipfile.ZipFile(path) as wheel:
        names = {name for name in wheel.namelist() if ".dist-info/" not in name}
    assert names == {name for name in checkout if name.startswith("django_roadmap/")}
    assert {
        "django_roadmap/migrations/0002_seed.py",
        "django_roadmap/py.typed",
        "django_roadmap/roadmaps/django.md",
        "django_roadmap/static/django_roadmap/roadmap.css",
        "django_roadmap/templates/django_roadmap/tree.html",
    } <= names


def test_sdist_is_the_checkout_without_the_tools_of_its_hosting(checkout):
    [path] = DIST.glob("*.tar.gz")
    with tarfile.open(path) as sdist:
        names = {member.name.partition("/")[2] for member in sdist if member.isfile()}
    hosting = (".ci/", ".github/", ".editorconfig", ".python-version")
    assert names - {"PKG-INFO"} == {name for name in checkout if not name.startswith(hosting)}
