"""The installed wheel in a project as Django makes them, as far as the README says to go."""

import subprocess
import sys

RENDER = """
from django.template import Context, Template
print(Template("{% load django_roadmap %}{% roadmap_tree %}").render(Context()))
"""


def test_new_project_shows_the_tree(tmp_path):
    def python(*arguments):
        command = [sys.executable, *arguments]
        return subprocess.run(command, cwd=tmp_path, check=True, stdout=subprocess.PIPE, text=True)

    python("-m", "django", "startproject", "site_of_mine", ".")
    with (tmp_path / "site_of_mine" / "settings.py").open("a") as settings:
        settings.write('INSTALLED_APPS += ["mptt", "django_roadmap"]\n')
    python("manage.py", "migrate")
    page = python("manage.py", "shell", "--no-imports", "--command", RENDER).stdout
    assert "Middleware" in page
