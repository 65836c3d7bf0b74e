"""Another process of the site, with a connection and values of its own.

    python -m visitor NAME-OF-THE-TEST-DATABASE CACHES-AS-JSON

It answers a line of input with a line of output, both JSON: ``["show", path]`` with the
HTML of the tree, ``["retitle", path, title]`` when that is done.
"""

import json
import sys

import django
from django.conf import settings
from django.db import connections


def main(database, caches):
    settings.CACHES = json.loads(caches)
    django.setup()
    connections.settings["default"]["NAME"] = database
    from roadmaps import node

    from django_roadmap.rendering import roadmap_tree

    for line in sys.stdin:
        what, path, *title = json.loads(line)
        if what == "show":
            answer = roadmap_tree(path)
        else:
            changed = node(path)
            [changed.title] = title
            changed.save()
            answer = "done"
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()
    connections.close_all()


if __name__ == "__main__":
    main(*sys.argv[1:])
