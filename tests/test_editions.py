"""An edition of a roadmap: how it is found and read, and what is kept of it."""

import logging
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone
from random import Random

import pytest
from django.core.cache import caches
from django.db import connections, models
from django.urls import set_script_prefix, set_urlconf
from django.utils import translation
from roadmaps import node

from django_roadmap import editions, locking
from django_roadmap.editions import AT_HAND, FIRST, Edition, InMemory
from django_roadmap.models import Roadmap, RoadmapNode
from django_roadmap.tree import ROW_FIELDS

DAY = 24 * 60 * 60
LOCMEM = "django.core.cache.backends.locmem.LocMemCache"


@pytest.fixture
def python(grow):
    return grow("Python", {"Basics": ["Loops", "Names"], "Files": ["Paths"]})


def change(path, **fields):
    RoadmapNode.objects.filter(path=path).update(**fields)


class TestFind:
    @pytest.mark.parametrize("path", ["python", "python/basics", "python/loops"])
    def test_by_path(self, python, path, django_assert_num_queries):
        with django_assert_num_queries(1):
            edition = editions.find(path)

        root = node("python")
        assert edition == Edition(
            "default", False, "python", root.tree_id, root.version, root.updated_at
        )
        assert root.version

    @pytest.mark.parametrize("model", [RoadmapNode, Roadmap])
    @pytest.mark.parametrize("path", ["python", "python/loops"])
    def test_by_node(self, python, model, path, django_assert_num_queries):
        target = models.QuerySet(model).get(path=path)
        with django_assert_num_queries(1):
            edition = editions.find(target)

        assert edition == editions.find("python")

    def test_by_a_node_that_was_renamed_or_moved(self, python, grow, django_assert_num_queries):
        ruby = grow("Ruby")
        root, loops, names = map(node, ("python", "python/loops", "python/names"))
        node("python/names").move_to(ruby)
        renamed = node("python")
        renamed.slug = "snakes"
        renamed.save()

        with django_assert_num_queries(3):
            found = [editions.find(target) for target in (root, loops, names)]
        assert [edition.path for edition in found] == ["snakes", "snakes", "ruby"]
        with django_assert_num_queries(2):
            assert editions.find("python") is editions.find("python/loops") is None

    @pytest.mark.parametrize("unpublished", [False, True])
    def test_the_first(self, alone, grow, unpublished, django_assert_num_queries):
        grow("Third", ["C"], position=3)
        grow("Second", ["B"], position=2)
        grow("Also second", ["B"], position=2)
        grow("First", ["A"], position=1, is_published=False)

        with django_assert_num_queries(1):
            edition = editions.find(FIRST, unpublished=unpublished)
        assert edition.path == ("first" if unpublished else "second")
        assert edition.unpublished is unpublished

    def test_without_roadmaps_there_is_no_first(self, alone, django_assert_num_queries):
        with django_assert_num_queries(1):
            assert editions.find(FIRST) is None

    def test_unpublished_roadmap(self, python):
        change("python", is_published=False)

        for target in ("python", "python/loops", python, node("python/loops")):
            assert editions.find(target) is None
            assert editions.find(target, unpublished=True).path == "python"

    def test_unpublished_node(self, python):
        change("python/loops", is_published=False)

        assert editions.find("python/loops") is None
        assert editions.find("python/loops", unpublished=True).unpublished
        assert editions.find("python").path == "python"
        # What is in the edition decides, as it does below an unpublished node.
        edition = editions.find(node("python/loops"))
        with pytest.raises(RoadmapNode.DoesNotExist):
            edition.way_to(node("python/loops").pk)

    @pytest.mark.parametrize("path", ["gone", "python/gone", "gone/loops", "loops"])
    def test_unknown(self, python, path, django_assert_num_queries):
        with django_assert_num_queries(1):
            assert editions.find(path) is None

    def test_a_node_that_is_gone_or_was_never_there(self, python):
        loops = node("python/loops")
        node("python/loops").delete()

        assert editions.find(loops) is None
        assert editions.find(RoadmapNode(title="New")) is None

    @pytest.mark.parametrize(
        "path", ["", "/", "python/", "/loops", "python/basics/loops", "a b", "py\x00thon", "%"]
    )
    def test_no_path_is_not_asked_for(self, python, path, django_assert_num_queries):
        with django_assert_num_queries(0):
            assert editions.find(path) is None

    @pytest.mark.parametrize("path", ["Python", "PYTHON/loops", "python/Loops", "pythön"])
    def test_letters_are_told_apart(self, python, path):
        """As MariaDB does not do it by itself."""
        assert editions.find(path) is None

    @pytest.mark.parametrize("target", [None, 1, 1.5, b"python", ["python"], object(), Roadmap])
    def test_what_is_neither_path_nor_node(self, db, target, django_assert_num_queries):
        with (
            django_assert_num_queries(0),
            pytest.raises(RoadmapNode.DoesNotExist, match="is neither a path nor a node"),
        ):
            editions.find(target)

    @pytest.mark.django_db(databases=["default", "other"])
    def test_in_another_database(self, grow, settings, django_assert_num_queries):
        grow("Python", ["Here"])
        there = grow("Python", ["There"], using="other")

        with django_assert_num_queries(0), django_assert_num_queries(1, using="other"):
            edition = editions.find(there)
        assert edition.using == "other"
        with django_assert_num_queries(0), django_assert_num_queries(2, using="other"):
            assert {b.title for b in edition.branches.values()} == {"Python", "There"}
            assert edition.resources == {}

        settings.DATABASE_ROUTERS = [ReadsOther()]
        for target in ("python/there", FIRST, RoadmapNode(pk=there.pk)):
            with django_assert_num_queries(0), django_assert_num_queries(1, using="other"):
                assert editions.find(target).using == "other"
        assert editions.find("python/here") is None

    @pytest.mark.parametrize("target", ["python/loops", FIRST])
    def test_times_are_what_the_site_uses(self, alone, python, target, settings):
        # Django reads times as this setting is when it connects, so the row is not read again.
        moment = datetime(2024, 2, 29, 12, 30, tzinfo=timezone.utc)
        models.QuerySet(RoadmapNode).filter(path="python").update(updated_at=moment)

        found = editions.find(target).updated_at
        assert found == moment
        assert found.utcoffset() is not None


class ReadsOther:
    def db_for_read(self, model, **hints):
        return "other"


class TestPublished:
    def test_are_in_their_order(self, alone, grow, django_assert_num_queries):
        for title, position in (("Third", 3), ("Second", 2), ("Also second", 2), ("First", 1)):
            grow(title, ["Topic"], position=position)
        grow("Draft", ["Topic"], position=1, is_published=False)

        with django_assert_num_queries(1):
            found = editions.published()
        assert [edition.path for edition in found] == ["first", "second", "also-second", "third"]
        assert found == [editions.find(edition.path) for edition in found]

    def test_may_be_none(self, alone):
        assert editions.published() == []

    @pytest.mark.django_db(databases=["default", "other"])
    def test_are_those_of_the_database_to_read_from(self, alone, grow, settings):
        RoadmapNode.objects.using("other").all().delete()
        grow("There", using="other")
        assert editions.published() == []
        settings.DATABASE_ROUTERS = [ReadsOther()]
        assert [(e.path, e.using) for e in editions.published()] == [("there", "other")]

    def test_times_are_what_the_site_uses(self, alone, grow):
        moment = datetime(2024, 2, 29, 12, 30, tzinfo=timezone.utc)
        grow("Python")
        models.QuerySet(RoadmapNode).update(updated_at=moment)
        assert [edition.updated_at for edition in editions.published()] == [moment]


class TestRead:
    @pytest.fixture
    def several(self, alone, grow):
        for title in ("Python", "Ruby", "Go"):
            grow(title, {f"About {title}": ["Topic", "Other"], "More": []})
        return editions.published()

    @pytest.mark.parametrize("number", [2, 3])
    def test_takes_one_query(self, several, number, django_assert_num_queries):
        with django_assert_num_queries(1):
            editions.read(several[:number])
            branches = [edition.branches for edition in several[:number]]

        for edition, found in zip(several, branches, strict=False):
            alone = editions.find(edition.path).branches
            assert [*map(repr, found.values())] == [*map(repr, alone.values())]
            assert [c.path for c in found[next(iter(found))].children] == [
                c.path for c in alone[next(iter(alone))].children
            ]
            assert edition.version == node(edition.path).version

    def test_of_one_leaves_it_to_whoever_needs_it(self, several, django_assert_num_queries):
        with django_assert_num_queries(0):
            editions.read([])
            editions.read(several[:1])
        with django_assert_num_queries(1):
            assert several[0].branches

    def test_does_not_read_again(self, several, django_assert_num_queries):
        before = several[0].branches
        with django_assert_num_queries(1):
            editions.read(several)
        assert several[0].branches is before
        with django_assert_num_queries(0):
            editions.read(several)

    def test_becomes_what_is_read(self, several):
        change("ruby/topic", title="Subject")
        old = several[1].version
        editions.read(several)

        assert several[1].version == node("ruby").version != old
        assert "Subject" in {branch.title for branch in several[1].branches.values()}

    def test_leaves_out_what_is_unpublished(self, several):
        change("ruby/about-ruby", is_published=False)
        everything = [editions.find(path, unpublished=True) for path in ("python", "ruby")]
        editions.read(several)
        editions.read(everything)

        assert [len(edition.branches) for edition in everything] == [5, 5]
        assert "ruby/about-ruby" not in {b.path for b in several[1].branches.values()}

    def test_what_is_gone_meanwhile_has_no_version(self, several, grow):
        node("ruby").delete()
        renamed = node("go")
        renamed.slug = "golang"
        renamed.save()
        editions.read(several)

        assert [edition.version for edition in several] == [node("python").version, "", ""]
        for edition in several[1:]:
            assert edition.branches == {}
            with pytest.raises(RoadmapNode.DoesNotExist):
                edition.way_to(edition.path)


class TestEdition:
    def test_branches_are_all_in_one_query(self, python, django_assert_num_queries):
        edition = editions.find("python/loops")
        with django_assert_num_queries(1):
            branches = edition.branches
            assert edition.branches is branches

        root = branches[python.pk]
        assert [child.title for child in root.children] == ["Basics", "Files"]
        assert [child.title for child in root.children[0].children] == ["Loops", "Names"]
        assert len(branches) == 6
        assert {type(branch.is_published) for branch in branches.values()} == {bool}

    def test_branches_have_what_may_be_seen(self, python):
        change("python/basics", is_published=False)

        def titles(**options):
            branches = editions.find("python", **options).branches
            return {branch.title for branch in branches.values() if branch.parent_id in branches}

        # Those below are there, but hang in nothing.
        assert titles() == {"Files", "Paths"}
        assert titles(unpublished=True) == {"Basics", "Loops", "Names", "Files", "Paths"}

    def test_becomes_the_one_that_is_read(self, python):
        edition = editions.find("python")
        change("python/loops", title="Iteration")

        assert edition.version != node("python").version
        assert edition.branches[node("python/loops").pk].title == "Iteration"
        assert edition.version == node("python").version

    def test_takes_rows_that_somebody_has_read(self, python, django_assert_num_queries):
        edition = editions.find("python")
        change("python/loops", title="Iteration")
        rows = RoadmapNode.objects.filter(tree_id=python.tree_id).order_by("lft")
        rows = list(rows.values_list(*ROW_FIELDS))
        with django_assert_num_queries(0):
            branches = edition.take(rows)
            assert edition.branches is branches

        assert branches[node("python/loops").pk].title == "Iteration"
        assert edition.version == node("python").version
        assert edition.take([]) == edition.branches == {}
        assert edition.version == ""

    @pytest.mark.parametrize("is_deleted", [True, False])
    def test_that_is_gone_when_it_is_read_has_no_version(self, python, is_deleted):
        edition = editions.find("python")
        if is_deleted:
            node("python").delete()
        else:
            change("python", is_published=False)

        with pytest.raises(RoadmapNode.DoesNotExist):
            edition.way_to("python")
        assert edition.version == ""

    def test_resources_are_all_in_one_query(self, python, grow, django_assert_num_queries):
        def link(path, title):
            node(path).resources.create(title=title, url=f"https://{title}.example/")

        link("python", "Docs")
        link("python/loops", "Second")
        link("python/loops", "First")
        grow("Ruby")
        link("ruby", "Gems")
        change("python/loops", is_published=False)
        edition = editions.find("python")
        with django_assert_num_queries(1):
            found = edition.resources
            assert edition.resources is found

        titles = {pk: [resource.title for resource in found[pk]] for pk in found}
        own = list(node("python/loops").resources.all())
        assert titles == {
            python.pk: ["Docs"],
            node("python/loops").pk: [resource.title for resource in own],
        }

    @pytest.mark.parametrize("by", ["path", "pk"])
    def test_way(self, python, by):
        edition = editions.find("python")

        def way(path):
            return [b.slug for b in map(Slug, edition.way_to(getattr(node(path), by)))]

        assert way("python") == ["python"]
        assert way("python/basics") == ["python", "basics"]
        assert way("python/loops") == ["python", "basics", "loops"]

    @pytest.mark.parametrize("hidden", ["python", "python/basics", "python/loops"])
    def test_no_way_through_what_may_not_be_seen(self, python, hidden):
        loops = node("python/loops")
        edition, all_of_it = (editions.find("python", unpublished=seen) for seen in (False, True))
        change(hidden, is_published=False)

        for target in (loops.path, loops.pk):
            with pytest.raises(RoadmapNode.DoesNotExist, match=f"is at {target!r}"):
                edition.way_to(target)
            assert len(all_of_it.way_to(target)) == 3

    @pytest.mark.parametrize("target", ["python/gone", "ruby", "Python", "", 0, -1])
    def test_no_way_to_what_is_not_there(self, python, grow, target):
        grow("Ruby")

        with pytest.raises(RoadmapNode.DoesNotExist):
            editions.find("python").way_to(target)

    def test_of_a_branch_in_memory_nothing_is_kept(self, python, settings):
        branch = RoadmapNode.objects.branch("python/basics")
        edition = InMemory(branch)
        edition.kept("x").put(a=1)

        assert edition.kept("x").get(a=object) == [None]
        assert not editions._recent
        assert edition.way_to(branch.pk) == [branch]
        node("python/loops").resources.create(title="Docs", url="https://docs.example/")
        assert list(edition.resources) == [node("python/loops").pk]


class Slug:
    def __init__(self, branch):
        self.slug = branch.path.rpartition("/")[2]


def edition_of(version="v1", **fields):
    given = {"using": "default", "unpublished": False, "path": "python", "tree_id": 7, **fields}
    return Edition(version=version, updated_at=None, **given)


def kept(version="v1", *parts, **fields):
    return edition_of(version, **fields).kept(*parts)


def forget():
    """As in a process that has just begun."""
    editions._recent.clear()


@pytest.fixture
def asked(monkeypatch):
    """How the cache was asked: the method and how many keys."""
    calls = []
    for name in ("get_many", "set_many"):
        method = getattr(caches["default"], name)

        def call(keys, *args, name=name, method=method):
            calls.append((name, len(keys)))
            return method(keys, *args)

        monkeypatch.setattr(caches["default"], name, call)
    return calls


class TestKept:
    def test_nothing_at_first(self):
        assert kept().get(a=object, b=object) == [None, None]
        assert kept().get() == []

    @pytest.mark.parametrize("process", [lambda: None, forget], ids=["same", "another"])
    def test_what_was_put(self, process):
        kept().put(a=[1], b="two", nothing=None)
        process()

        assert kept().get(b=object, a=object, c=object, nothing=object) == ["two", [1], None, None]

    @pytest.mark.parametrize("process", [lambda: None, forget], ids=["same", "another"])
    def test_nothing_of_another_version(self, process, caplog):
        kept("v1").put(a=1, b=1)
        process()
        assert kept("v2").get(a=object, b=object) == [None, None]
        kept("v2").put(a=2)
        process()

        assert kept("v2").get(a=object, b=object) == [2, None]
        assert kept("v1").get(a=object, b=object) == [None, 1]
        kept("v1").put(a=1)
        process()
        assert kept("v1").get(a=object) == [1]
        assert kept("v2").get(a=object) == [None]
        assert not caplog.records

    def test_an_older_version_is_overwritten(self):
        for version in range(50):
            kept(f"v{version}").put(a=version)

        assert len(caches["default"]._cache) == len(editions._recent) == 1

    def test_of_the_edition_that_was_read(self, python):
        edition = editions.find("python")
        found = edition.kept("x")
        change("python/loops", title="Iteration")
        assert edition.branches
        found.put(a=1)

        assert editions.find("python").kept("x").get(a=object) == [1]

    def test_without_a_version_nothing(self, asked):
        kept("").put(a=1)

        assert kept("").get(a=object, b=object) == [None, None]
        assert not asked
        assert not editions._recent

    def test_under_debug_nothing(self, asked, settings):
        kept().put(a=1)
        settings.DEBUG = True
        assert kept().get(a=object, b=object) == [None, None]
        kept().put(a=2)
        settings.DEBUG = False

        assert kept().get(a=object) == [1]
        assert asked == [("set_many", 1)]

    def test_in_the_midst_of_an_edit_nothing(self, python, grow, asked):
        ruby = grow("Ruby")
        with locking.lock(RoadmapNode, "default", [python.tree_id]):
            one, other = editions.find("python").kept("x"), editions.find("ruby").kept("x")
            one.put(a=1)
            other.put(a=1)
            assert one.get(a=object) == [None]
            assert other.get(a=object) == [1]
            with locking.lock(RoadmapNode, "default", [ruby.tree_id]):
                assert one.get(a=object) == other.get(a=object) == [None]
        assert one.get(a=object) == [None]
        assert asked.count(("set_many", 1)) == 1

    @pytest.mark.django_db(databases=["default", "other"])
    def test_an_edit_in_another_database_is_no_matter(self, db):
        with locking.lock(RoadmapNode, "other", [7]):
            kept().put(a=1)
            assert kept().get(a=object) == [1]
            assert kept(using="other").get(a=object) == [None]
            kept(using="other").put(a=1)
        assert kept(using="other").get(a=object) == [None]

    def test_in_a_cache_of_our_own(self, settings):
        settings.CACHES = {
            alias: {"BACKEND": LOCMEM, "LOCATION": f"editions-{alias}"}
            for alias in ("default", "django_roadmap")
        }
        caches["django_roadmap"].clear()
        kept().put(a=1)
        forget()

        assert kept().get(a=object) == [1]
        assert len(caches["django_roadmap"]._cache) == 1
        assert not caches["default"]._cache

    def test_for_a_day(self, monkeypatch):
        seen = []
        monkeypatch.setattr(
            caches["default"], "set_many", lambda data, timeout: seen.append(timeout)
        )
        kept().put(a=1)

        assert seen == [DAY]

    @pytest.mark.parametrize("process", [lambda: None, forget], ids=["same", "another"])
    def test_after_a_day_no_more(self, process, monkeypatch, asked):
        """Even where somebody uses it all the time, and whatever the cache makes of it."""
        now = time.time()
        kept().put(a=1)
        process()
        monkeypatch.setattr(time, "time", lambda: now + DAY - 60)
        assert kept().get(a=object) == [1]
        process()
        monkeypatch.setattr(time, "time", lambda: now + DAY + 60)
        assert kept().get(a=object) == [None]
        kept().put(a=2)
        process()
        monkeypatch.setattr(time, "time", lambda: now + 2 * DAY)
        assert kept().get(a=object) == [2]

    def test_a_cache_that_forgets_nothing_is_not_believed(self, monkeypatch, caplog):
        kept().put(a=1)
        [(key, value)] = editions._recent.items()
        caches["default"].set(key, value, None)
        forget()
        later = time.time() + DAY + 60
        monkeypatch.setattr(time, "time", lambda: later)

        assert caches["default"].get(key) == value
        assert kept().get(a=object) == [None]
        assert not caplog.records


class TestPlace:
    """What makes it another one, so that nothing gets where it does not belong."""

    def test_is_the_same_for_the_same(self):
        assert kept("v1", "tree", 1, None).key == kept("v2", "tree", 1, None).key

    @pytest.mark.parametrize(
        "parts", [("x", "2"), ("x", 1), ("x",), ("x", None), ("x, '1'",), ("x", "1", None)]
    )
    def test_parts(self, parts):
        assert kept("v1", *parts).key != kept("v1", "x", "1").key

    @pytest.mark.parametrize("fields", [{"unpublished": True}, {"tree_id": 8}, {"using": "other"}])
    def test_edition(self, fields):
        assert kept(**fields).key != kept().key

    def test_language(self):
        places = set()
        for language in ("en", "de", "de-at"):
            with translation.override(language):
                places.add(kept().key)
        with translation.override(None):
            places.add(kept().key)
        assert len(places) == 4

    def test_addresses(self, settings):
        places = {kept().key}
        try:
            set_script_prefix("/site/")
            places.add(kept().key)
            set_urlconf("neighbour.urls")
            places.add(kept().key)
            set_script_prefix("/")
            places.add(kept().key)
        finally:
            set_script_prefix("/")
            set_urlconf(None)
        settings.ROOT_URLCONF = "other.urls"
        places.add(kept().key)
        assert len(places) == 5

    @pytest.mark.parametrize("name", ["NAME", "HOST", "PORT"])
    def test_database(self, name, monkeypatch):
        before = kept().key
        monkeypatch.setitem(connections["default"].settings_dict, name, "elsewhere")
        assert kept().key != before

    def test_connection(self, monkeypatch):
        """Two connections to one database may show different things, such as schemas."""
        for name in ("NAME", "HOST", "PORT"):
            same = connections["default"].settings_dict[name]
            monkeypatch.setitem(connections["other"].settings_dict, name, same)
        assert kept(using="other").key != kept().key

    def test_static_files(self, monkeypatch):
        before = kept().key
        monkeypatch.setattr(editions.staticfiles_storage, "manifest_hash", "changed", raising=False)
        assert kept().key != before

    def test_without_static_files(self, settings):
        settings.INSTALLED_APPS = [
            app for app in settings.INSTALLED_APPS if app != "django.contrib.staticfiles"
        ]
        kept().put(a=1)
        assert kept().get(a=object) == [1]

    @pytest.mark.parametrize(
        ("name", "value"),
        [("django_roadmap.editions.FORMAT", 0), ("django.VERSION", (9, 9, 9, "final", 0))],
    )
    def test_upgrade(self, name, value, monkeypatch):
        before = kept().key
        monkeypatch.setattr(name, value)
        assert kept().key != before

    def test_key_is_one_that_every_cache_takes(self):
        key = kept("v1", "ä" * 500, "a b\n").key
        caches["default"].validate_key(f"{key}.shown")
        assert key.isascii()
        assert len(key) < 100


class TestAtHand:
    def test_is_not_asked_for_again(self, asked):
        kept().put(a=1, b=2)
        assert kept().get(a=object, b=object) == [1, 2]
        assert asked == [("set_many", 2)]
        forget()
        asked.clear()
        assert [kept().get(a=object, b=object) for _ in range(3)] == [[1, 2]] * 3
        assert asked == [("get_many", 2)]

    def test_only_the_rest_is_asked_for(self, asked):
        kept().put(a=1, b=2)
        forget()
        assert kept().get(a=object) == [1]
        assert kept().get(a=object, b=object, c=object) == [1, 2, None]
        assert asked == [("set_many", 2), ("get_many", 1), ("get_many", 2)]

    def test_is_right_when_the_cache_was_cleared(self):
        kept().put(a=1)
        caches["default"].clear()
        assert kept().get(a=object) == [1]
        kept("v2").put(a=2)
        caches["default"].clear()
        assert kept("v2").get(a=object) == [2]
        assert kept("v1").get(a=object) == [None]

    def test_gives_way_to_what_another_process_has_put(self):
        kept("v1").put(a=1)
        at_hand = dict(editions._recent)
        kept("v2").put(a=2)
        editions._recent.clear()
        editions._recent.update(at_hand)

        assert kept("v2").get(a=object) == [2]
        assert [version for version, *_rest in editions._recent.values()] == ["v2"]

    def test_are_only_a_few_those_used_last(self):
        for number in range(AT_HAND):
            kept("v1", number).put(a=number)
        assert kept("v1", 0).get(a=object) == [0]
        for number in range(AT_HAND, AT_HAND + 3):
            kept("v1", number).put(a=number)
        caches["default"].clear()

        found = [kept("v1", number).get(a=object)[0] for number in range(AT_HAND + 3)]
        assert found == [0, None, None, None, *range(4, AT_HAND + 3)]
        assert len(editions._recent) == AT_HAND

    def test_a_value_put_again_is_one_used_last(self):
        kept("v1", "old").put(a=1)
        for number in range(AT_HAND - 1):
            kept("v1", number).put(a=number)
        kept("v1", "old").put(a=2)
        kept("v1", "new").put(a=3)
        caches["default"].clear()

        assert kept("v1", "old").get(a=object) == [2]
        assert kept("v1", 0).get(a=object) == [None]

    def test_fetched_values_are_limited_too(self):
        names = [f"n{number}" for number in range(2 * AT_HAND)]
        kept().put(**{name: name for name in names})
        forget()

        assert kept().get(**dict.fromkeys(names, str)) == names
        assert len(editions._recent) == AT_HAND

    def test_a_value_of_another_kind_is_not_taken(self, caplog):
        kept().put(a=1)
        forget()

        assert kept().get(a=str) == [None]
        assert "something else than ours" in caplog.text

    @pytest.mark.parametrize("at_hand", [1, AT_HAND])
    def test_threads_get_what_belongs_to_them(self, at_hand, monkeypatch):
        monkeypatch.setattr(editions, "AT_HAND", at_hand)
        interval = sys.getswitchinterval()
        sys.setswitchinterval(1e-6)

        def work(seed):
            random, wrong = Random(seed), []
            for _ in range(400):
                place, version = random.randrange(at_hand + 4), f"v{random.randrange(2)}"
                found = kept(version, place)
                if random.random() < 0.4:
                    found.put(a=(place, version), b=(place, version))
                values = found.get(a=object, b=object, c=object)
                allowed = (None, (place, version))
                wrong += [value for value in values if value not in allowed]
            connections.close_all()
            return wrong

        try:
            with ThreadPoolExecutor(8) as pool:
                assert not any(pool.map(work, range(8)))
        finally:
            sys.setswitchinterval(interval)
        assert len(editions._recent) <= at_hand


LATER = 9e9


class Explosive:
    """What nobody can unpack."""

    def __reduce__(self):
        return int, ("no number",)


class TestBadCache:
    @pytest.fixture(autouse=True)
    def filled(self):
        kept().put(a=1, b=2)

    def spoil(self, value):
        [key] = [key for key in editions._recent if key.endswith(".a")]
        caches["default"].set(key, value)
        forget()
        return key

    @pytest.mark.parametrize(
        "rubbish",
        [
            *(0, 7, "", "v1", b"", b"v1", {}, {"v1": 1}),
            *((), ("v1",), ("v1", 1), (b"v1", 1), ("v1", LATER, 1, 2)),
            *((1, LATER, 1), (b"v1", LATER, 1), ("v1", "later", 1), ("v1", None, 1)),
        ],
        ids=repr,
    )
    def test_rubbish_is_nothing_and_logged(self, rubbish, caplog):
        key = self.spoil(rubbish)

        assert kept().get(a=object, b=object) == [None, 2]
        message = f"The cache has something else than ours under {key}."
        assert caplog.record_tuples == [("django_roadmap", logging.WARNING, message)]
        kept().put(a=3)
        forget()
        assert kept().get(a=object) == [3]

    def test_what_cannot_be_unpacked(self, caplog):
        self.spoil(Explosive())

        assert kept().get(a=object, b=object) == [None, None]
        [record] = caplog.records
        assert (record.name, record.levelno) == ("django_roadmap", logging.WARNING)
        assert "ValueError" in record.message
        kept().put(a=3)
        forget()
        assert kept().get(a=object, b=object) == [3, 2]

    def test_what_cannot_be_packed(self, caplog):
        kept().put(a=lambda: None, b=3)

        assert kept().get(b=object) == [3]
        assert len(caplog.records) == 1

    @pytest.mark.parametrize("alias", ["default", "django_roadmap"])
    def test_a_cache_that_is_down(self, settings, caplog, alias):
        good = {"BACKEND": LOCMEM, "LOCATION": "editions-default"}
        settings.CACHES = {"default": good, alias: {"BACKEND": "bad_caches.Down"}}
        forget()
        assert kept().get(a=object, b=object) == [None, None]
        kept().put(a=3)
        assert kept().get(a=object) == [3]
        forget()
        assert kept().get(a=object) == [None]

        assert len(caplog.records) == 3
        for record in caplog.records:
            assert (record.name, record.levelno) == ("django_roadmap", logging.WARNING)
            assert record.message.startswith("The cache did not answer: ConnectionError")
