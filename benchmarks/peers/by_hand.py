"""What one would write by hand for speed: the limit of what rendering can reach."""

from html import escape
from itertools import zip_longest

from django.db import connection

SELECT = """
    SELECT id, parent_id, level, path, title, summary, is_published, is_optional, minutes
    FROM django_roadmap_roadmapnode
    WHERE tree_id = (SELECT tree_id FROM django_roadmap_roadmapnode WHERE path = %s)
    ORDER BY lft
"""


def limit(slug):
    """What tree.html, node.html and counts.html make of a tree without any flags."""
    with connection.cursor() as cursor:
        cursor.execute(SELECT, [slug])
        root, *rows = cursor.fetchall()
    html = ['<link rel="stylesheet" href="/static/django_roadmap/roadmap.css">\n']
    html.append(f'<div class="roadmap">\n<ul class="roadmap-tree" aria-label="{escape(root[4])}">')
    topics = 0
    parents = []
    for row, following in zip_longest(rows, rows[1:], fillvalue=rows[0]):
        level, path, title, summary = row[2], row[3], escape(row[4]), escape(row[5])
        if following[2] > level:
            if parents:
                parents[-1][1] = "level"
            parents.append([len(html), "section", path, title, summary, topics])
            html.append("")
            continue
        topics += 1
        html.append(
            '<li class="roadmap-node roadmap-topic">\n<div class="roadmap-head">'
            f'<span class="roadmap-title"><a href="/roadmaps/{path}/">{title}</a></span> </div>\n'
            f'<p class="roadmap-summary">{summary}</p>\n</li>\n'
        )
        for _ in range(level - following[2]):
            place, shape, path, title, summary, before = parents.pop()
            count = topics - before
            html[place] = (
                f'<li class="roadmap-node roadmap-{shape}">\n<div class="roadmap-head">'
                f'<span class="roadmap-title"><a href="/roadmaps/{path}/">{title}</a></span> '
                f'<span class="roadmap-count">{count} topic{"" if count == 1 else "s"}</span>\n'
                '</div>\n<details open>\n<summary><span class="roadmap-hidden">'
                f"Contents of {title}</span></summary>\n"
                f'<p class="roadmap-summary">{summary}</p>\n<ul class="roadmap-list">'
            )
            html.append("</ul>\n</details>\n</li>\n")
    html.append("</ul>\n</div>\n")
    return "".join(html)
