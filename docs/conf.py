"""How Sphinx builds these pages: ``tox run -e docs``."""

import os
from importlib.metadata import version as installed_version

project = "django-roadmap-tree"
author = "django-roadmap-tree contributors"
version = release = installed_version(project)

extensions = ["myst_parser"]
exclude_patterns = ["_build", "roadmaps"]
myst_heading_anchors = 3

html_theme = "furo"
html_title = f"{project} {release}"

# Links to Django's documentation need the network, so somebody has to ask for them.
if os.environ.get("DOCS_INTERSPHINX"):
    extensions.append("sphinx.ext.intersphinx")
    intersphinx_mapping = {
        "django": (
            "https://docs.djangoproject.com/en/stable/",
            "https://docs.djangoproject.com/en/stable/_objects/",
        ),
    }
else:
    nitpick_ignore_regex = [("py:.*", r"django\..*")]
