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


def limit(slug, before, behind):
    """What node.html and counts.html make of a tree without any flags.

    It stands between what tree.html has around the nodes.
    """
    return _page(slug, _topic, _parent, before, behind)


def limit_with_buttons(slug, before, behind):
    """The same for a guest who may mark."""
    return _page(slug, _topic_with_buttons, _parent_with_buttons, before, behind)


def _page(slug, topic, parent, before, behind):
    with connection.cursor() as cursor:
        cursor.execute(SELECT, [slug])
        _root, *rows = cursor.fetchall()
    html = [before]
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
        html.append(topic(path, title, summary))
        for _ in range(level - following[2]):
            place, shape, path, title, summary, earlier = parents.pop()
            html[place] = parent(shape, path, title, summary, topics - earlier)
            html.append("</ul>\n</details>\n</li>\n")
    html.append(behind)
    return "".join(html)


def _topic(path, title, summary):
    return (
        '<li class="roadmap-node roadmap-topic">\n<div class="roadmap-head">'
        f'<span class="roadmap-title" dir="auto"><a href="/roadmaps/{path}/">{title}</a></span> '
        "</div>\n"
        f'<p class="roadmap-summary" dir="auto">{summary}</p>\n</li>\n'
    )


def _topic_with_buttons(path, title, summary):
    return (
        f'<li class="roadmap-node roadmap-topic roadmap-pending" id="{path}">\n'
        '<div class="roadmap-head">'
        f'<button class="roadmap-tick" name="mark" value="done {path}" aria-pressed="false" '
        f'aria-label="{title}: done"></button>'
        f'<span class="roadmap-title" dir="auto"><a href="/roadmaps/{path}/">{title}</a></span>\n'
        '<span class="roadmap-state"></span> '
        f'<button class="roadmap-more" name="ask" value="{path}" aria-label="Mark {title}">'
        f'</button></div>\n<p class="roadmap-summary" dir="auto">{summary}</p>\n</li>\n'
    )


def _parent(shape, path, title, summary, count):
    return (
        f'<li class="roadmap-node roadmap-{shape}">\n<div class="roadmap-head">'
        f'<span class="roadmap-title" dir="auto"><a href="/roadmaps/{path}/">{title}</a></span> '
        f'<span class="roadmap-count">{count} topic{"" if count == 1 else "s"}</span>\n'
        '</div>\n<details open>\n<summary><span class="roadmap-hidden">'
        f"Contents of {title}</span></summary>\n"
        f'<p class="roadmap-summary" dir="auto">{summary}</p>\n<ul class="roadmap-list">'
    )


def _parent_with_buttons(shape, path, title, summary, count):
    return (
        f'<li class="roadmap-node roadmap-{shape} roadmap-pending" id="{path}">\n'
        '<div class="roadmap-head">'
        f'<span class="roadmap-title" dir="auto"><a href="/roadmaps/{path}/">{title}</a></span>\n'
        '<span class="roadmap-state"></span> '
        f'<span class="roadmap-count">0 of {count}</span>\n'
        f'<button class="roadmap-more" name="ask" value="{path}" aria-label="Mark {title}">'
        '</button></div>\n<details open>\n<summary><span class="roadmap-hidden">'
        f"Contents of {title}</span></summary>\n"
        f'<p class="roadmap-summary" dir="auto">{summary}</p>\n<ul class="roadmap-list">'
    )
