"""The sitemap of published pages."""

import re

import pytest
from django.utils import timezone

from django_roadmap.models import RoadmapNode


@pytest.fixture
def python(grow):
    RoadmapNode.objects.all().delete()
    return grow("Python", {"Basics": ["Loops", "مقدمة"], "Files": ["Paths"]})


def locations(client):
    response = client.get("/sitemap.xml")
    assert response.status_code == 200
    return re.findall("<loc>http://testserver/roadmaps/(.*?)/</loc>", response.content.decode())


def test_has_every_page(python, client):
    assert locations(client) == [
        "python",
        "python/basics",
        "python/loops",
        "python/%D9%85%D9%82%D8%AF%D9%85%D8%A9",
        "python/files",
        "python/paths",
    ]


def test_leaves_out_what_is_not_published(python, grow, client):
    grow("Draft", ["A"], is_published=False)
    RoadmapNode.objects.filter(path="python/basics").update(is_published=False)

    assert locations(client) == ["python", "python/files", "python/paths"]


def test_says_when_a_page_changed(python, client):
    changed = timezone.make_aware(timezone.datetime(2024, 5, 6, 7, 8))
    RoadmapNode.objects.filter(path="python/paths").update(updated_at=changed)

    xml = client.get("/sitemap.xml").content.decode()
    assert "python/paths/</loc><lastmod>2024-05-06</lastmod>" in xml


@pytest.mark.parametrize("more", [0, 40])
def test_query_count_is_that_of_any_size(python, grow, client, more, django_assert_num_queries):
    grow("More", [f"n{number}" for number in range(more)])

    # How many there are, and the pages.
    with django_assert_num_queries(2):
        assert len(locations(client)) == 7 + more
