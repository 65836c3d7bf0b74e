"""Plants the two roadmaps of the seed document, word for word.

Historical models know nothing of trees, so this numbers the rows itself: a walk depth
first, ``lft`` on the way down, ``rght`` on the way up. What is planted here is frozen: it
imports nothing of the app, so it works the same whatever the models become.
"""

import secrets
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import migrations, models
from django.utils.text import slugify


@dataclass
class Seed:
    title: str
    children: tuple["Seed", ...]
    summary: str


def node(title: str, *children: Seed, summary: str = "") -> Seed:
    return Seed(title, children, summary)


ROADMAPS = {
    "django": node(
        "Django RoadMap",
        node(
            "Beginner Level",
            node(
                "Learn Python Basics",
                node("Variables and Data Types"),
                node("Control Flow (if statements, loops)"),
                node("Functions"),
                node("Object-Oriented Programming"),
            ),
            node(
                "Django Basics",
                node("Install Django"),
                node('Create a "Hello World" App'),
                node("Understand MVT Architecture"),
                node("Work with URLs, Views, Templates"),
            ),
            node(
                "Frontend Basics",
                node("HTML"),
                node("CSS"),
                node("JavaScript"),
            ),
        ),
        node(
            "Intermediate Level",
            node(
                "Core Django Concepts",
                node("Models and ORM"),
                node("Query Sets"),
                node("Authentication"),
                node("Middleware"),
                node("Admin Customization"),
            ),
            node(
                "Software Engineering Principles",
                node("Version Control (Git)"),
                node("Testing (Unit and Integration)"),
                node("Clean Code Practices"),
            ),
            node(
                "Deployment and APIs",
                node("Deploy Django Applications"),
                node("Create RESTful APIs"),
            ),
        ),
        node(
            "Advanced Level",
            node(
                "Advanced Topics",
                node("Django Channels (Real-time applications)"),
                node("GraphQL APIs"),
                node("Custom Middleware"),
                node("Asynchronous Programming"),
            ),
            node(
                "Performance and Scalability",
                node("Optimize Database Queries"),
                node("Use Caching Strategies"),
                node("Implement Background Tasks (Celery)"),
            ),
            node(
                "Full-Stack Development",
                node("Integrate Frontend Frameworks (Vue.js, React)"),
                node("Use Docker for Containerization"),
            ),
        ),
    ),
    "django-step-by-step": node(
        "Step By Step Python Django Roadmap",
        node(
            "Learn Python",
            summary="Understand Python fundamentals: variables, data types, control flow, "
            "functions, OOP, and data structures.",
        ),
        node(
            "Django Basics",
            summary="Familiarize yourself with Django's MVT architecture by creating simple "
            "apps, learning about URLs, views, templates, and forms.",
        ),
        node(
            "Core Concepts",
            summary="Dive into models, query sets, authentication, middleware, and admin "
            "customization.",
        ),
        node(
            "Frontend Integration",
            summary="Learn basic HTML, CSS, and JavaScript to integrate with Django applications.",
        ),
        node(
            "Database Management",
            summary="Understand relational databases (PostgreSQL, MySQL) and NoSQL (MongoDB), "
            "and how to use Django's ORM.",
        ),
        node(
            "RESTful APIs",
            summary="Develop skills in creating RESTful APIs with Django REST Framework.",
        ),
        node(
            "Deployment",
            summary="Learn how to deploy Django applications on platforms like Heroku or AWS, "
            "and understand CI/CD practices.",
        ),
        node(
            "Advanced Topics",
            summary="Explore asynchronous programming with Django Channels, background tasks "
            "with Celery, and security best practices.",
        ),
        node(
            "Full-Stack Development",
            summary="Integrate frontend frameworks (like React or Vue.js) with Django backends "
            "and learn about Docker.",
        ),
        node(
            "Final Projects",
            summary="Build comprehensive projects to consolidate your learning and showcase "
            "your skills.",
        ),
    ),
}


def numbered_rows(root_slug: str, seed: Seed) -> list[tuple[str | None, dict[str, Any]]]:
    """The rows of a roadmap in reading order, as pairs of the parent's path and the columns."""
    rows: list[tuple[str | None, dict[str, Any]]] = []
    counter = 0

    def visit(seed: Seed, parent_path: str | None, level: int) -> None:
        nonlocal counter
        slug = slugify(seed.title, allow_unicode=True) if level else root_slug
        row: dict[str, Any] = {
            "title": seed.title,
            "slug": slug,
            "path": f"{root_slug}/{slug}" if level else root_slug,
            "summary": seed.summary,
            "level": level,
        }
        rows.append((parent_path, row))
        row["lft"] = counter = counter + 1
        for child in seed.children:
            visit(child, row["path"], level + 1)
        row["rght"] = counter = counter + 1

    visit(seed, None, 0)
    return rows


def plant(apps: Any, schema_editor: Any) -> None:
    """Add each roadmap after those that are there; leave a site's own of the same path alone."""
    if not getattr(settings, "DJANGO_ROADMAP_SEED", True):
        return
    nodes = apps.get_model("django_roadmap", "RoadmapNode")
    table: models.QuerySet[Any] = models.QuerySet(nodes, using=schema_editor.connection.alias)
    for root_slug, seed in ROADMAPS.items():
        if table.filter(path=root_slug).exists():
            continue
        last = table.aggregate(tree_id=models.Max("tree_id"), position=models.Max("position"))
        tree_id = (last["tree_id"] or 0) + 1
        rows = numbered_rows(root_slug, seed)
        # A level at a time, since a child needs its parent's key; read back by path,
        # since not every database returns the keys of many rows at once.
        for level in range(max(row["level"] for _, row in rows) + 1):
            keys = dict(table.filter(tree_id=tree_id).values_list("path", "pk"))
            table.bulk_create(
                nodes(
                    **row,
                    parent_id=keys.get(parent_path),
                    tree_id=tree_id,
                    position=0 if level else (last["position"] or 0) + 1,
                    version="" if level else secrets.token_hex(16),
                )
                for parent_path, row in rows
                if row["level"] == level
            )


def uproot(apps: Any, schema_editor: Any) -> None:
    """Delete each roadmap that is as it was planted and in which nobody marked anything.

    One that was edited, or followed, stays whole.
    """
    alias = schema_editor.connection.alias
    nodes: models.QuerySet[Any]
    nodes = models.QuerySet(apps.get_model("django_roadmap", "RoadmapNode"), using=alias)
    attached: list[models.QuerySet[Any]] = [
        models.QuerySet(apps.get_model("django_roadmap", name), using=alias)
        for name in ("Resource", "Progress")
    ]
    for root_slug, seed in ROADMAPS.items():
        root = nodes.filter(path=root_slug, parent=None).first()
        if root is None:
            continue
        tree = nodes.filter(tree_id=root.tree_id)
        columns = [*numbered_rows(root_slug, seed)[0][1], "description", "is_published"]
        columns += ["is_optional", "minutes", "parent__path", "prerequisites"]
        planted = [
            (*row.values(), "", True, False, None, parent_path, None)
            for parent_path, row in numbered_rows(root_slug, seed)
        ]
        found = list(tree.order_by("lft").values_list(*columns))
        if found == planted and not any(
            rows.filter(node__tree_id=root.tree_id).exists() for rows in attached
        ):
            # From below, so that no database deletes a parent before its children.
            for level in (2, 1, 0):
                tree.filter(level__gte=level).delete()


class Migration(migrations.Migration):
    dependencies = [("django_roadmap", "0001_initial")]

    operations = [
        migrations.RunPython(plant, uproot, hints={"model_name": "roadmapnode"}),
    ]
