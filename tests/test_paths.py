"""Slugs, paths and addresses."""

from urllib.parse import unquote

import pytest
from django.core.validators import validate_unicode_slug
from django.urls import resolve
from hypothesis import given
from hypothesis import strategies as st

from django_roadmap import paths


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("Core Django Concepts", "core-django-concepts"),
        ("  C++ & C#: the end?  ", "c-c-the-end"),
        ("مقدمة في جانغو", "مقدمة-في-جانغو"),
        ("数据库 模型", "数据库-模型"),
        ("Größe", "größe"),
        ("__init__", "init"),
        ("🎉🎉", ""),
        ("x" * 130, "x" * 120),
        (f"{'x' * 119} y", "x" * 119),
    ],
)
def test_slug_from_title(title, slug):
    assert paths.slug_from(title) == slug


@given(st.text(max_size=200))
def test_any_title_gives_a_slug_or_nothing(title):
    slug = paths.slug_from(title)

    assert len(slug) <= paths.SLUG_MAX_LENGTH
    if slug:
        validate_unicode_slug(slug)
        assert resolve(unquote(paths.node_url(slug))).kwargs == {"path": slug}


@pytest.mark.parametrize(
    ("slug", "taken", "expected"),
    [
        ("loops", {"loops"}, "loops-2"),
        ("loops", {"loops", "loops-2", "loops-4"}, "loops-3"),
        ("", set(), "node-1"),
        ("", {"node-1"}, "node-2"),
        ("x" * 120, set(), "x" * 118 + "-2"),
        ("x" * 120, {"x" * 118 + f"-{number}" for number in range(2, 10)}, "x" * 117 + "-10"),
    ],
)
def test_numbered(slug, taken, expected):
    assert paths.numbered(slug, taken) == expected


def test_paths_join_and_part():
    assert paths.node_path(None, "django") == "django"
    assert paths.node_path("django", "middleware") == "django/middleware"
    assert [paths.roadmap_slug(path) for path in ("django", "django/middleware")] == ["django"] * 2
    assert paths.own_slug("django") == "django"
    assert paths.own_slug("django/middleware") == "middleware"


def test_the_longest_slugs_fit_a_path():
    slug = "x" * paths.SLUG_MAX_LENGTH

    assert len(paths.node_path(slug, slug)) <= paths.PATH_MAX_LENGTH


def test_node_url():
    assert paths.node_url("django") == "/roadmaps/django/"
    assert paths.node_url("django/middleware") == "/roadmaps/django/middleware/"
    assert paths.node_url("größe") == "/roadmaps/gr%C3%B6%C3%9Fe/"


@pytest.mark.parametrize("path", ["", "a/b/c", "a b", "a.b", "../a", "a/"])
def test_no_address_for_what_is_no_path(path):
    assert paths.node_url(path) == ""


@pytest.mark.urls(())
def test_no_address_where_the_urls_are_not_included():
    assert paths.node_url("django") == ""
