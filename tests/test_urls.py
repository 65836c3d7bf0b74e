"""Addresses: a node's path, and nothing that a roadmap's slug could be in the way of."""

import re
from urllib.parse import unquote

import pytest
from django.core.validators import validate_unicode_slug
from django.urls import Resolver404, resolve, reverse
from hypothesis import given
from hypothesis import strategies as st

from django_roadmap import urls

slugs = st.from_regex(r"[-\w]{1,20}", fullmatch=True)


def collides(route):
    """Whether the literal parts of an address are all made of what slugs are made of."""
    literal = re.sub("<[^>]*>", "", route)
    return re.fullmatch(r"[-\w/]*", literal) is not None


@pytest.mark.parametrize(
    ("route", "expected"),
    [
        ("export/", True),
        ("<roadmap_path:path>/export/", True),
        ("<int:pk>/", True),
        ("feed.xml", False),
        ("<roadmap_path:path>.svg", False),
        ("-/~me/", False),
    ],
)
def test_what_collides(route, expected):
    assert collides(route) is expected


def test_no_address_of_our_own_is_one_of_a_node():
    routes = {pattern.name: str(pattern.pattern) for pattern in urls.urlpatterns}

    assert routes.pop("list") == ""
    assert routes.pop("node") == "<roadmap_path:path>/"
    assert not [route for route in routes.values() if collides(route)]


@given(slugs, st.none() | slugs)
def test_every_path_is_an_address(slug, own_slug):
    validate_unicode_slug(slug)
    path = slug if own_slug is None else f"{slug}/{own_slug}"

    match = resolve(f"/roadmaps/{path}/")
    assert (match.view_name, match.kwargs) == ("django_roadmap:node", {"path": path})


def test_list():
    assert reverse("django_roadmap:list") == "/roadmaps/"
    assert resolve("/roadmaps/").view_name == "django_roadmap:list"


@pytest.mark.parametrize("path", ["a.b", "a/b.c", "a/b/c", "a b", "~a", "..", "a\n"])
def test_what_is_no_path_is_no_address(path):
    with pytest.raises(Resolver404):
        resolve(f"/roadmaps/{path}/")


@pytest.mark.parametrize(
    ("name", "arguments", "address"),
    [
        ("mark", [], "/roadmaps/~mark/"),
        ("mine", [], "/roadmaps/~mine/"),
        ("download", [], "/roadmaps/~mine/progress.json"),
        ("reset", ["python"], "/roadmaps/~mine/reset/python/"),
        ("reset", ["\u6570\u636e\u5e93"], "/roadmaps/~mine/reset/%E6%95%B0%E6%8D%AE%E5%BA%93/"),
    ],
)
def test_of_learners(name, arguments, address):
    assert reverse(f"django_roadmap:{name}", args=arguments) == address
    assert resolve(unquote(address)).view_name == f"django_roadmap:{name}"


@given(slugs)
def test_no_roadmap_is_in_the_way_of_our_own(slug):
    for name in ("mark", "mine", "download"):
        assert f"/roadmaps/{slug}/" != reverse(f"django_roadmap:{name}")
