"""What the processes of these tests do; each function gets a pipe to the test that waits."""

import time
import traceback
from collections import Counter, defaultdict
from contextlib import contextmanager, nullcontext
from random import Random

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import DatabaseError, connection, connections, transaction
from django.test import Client
from mptt.exceptions import InvalidMove
from roadmaps import node
from soundness import findings

from django_roadmap import editing, integrity, locking
from django_roadmap.models import Roadmap, RoadmapNode
from django_roadmap.outline import Link, Outline
from django_roadmap.placing import POSITIONS
from django_roadmap.rendering import roadmap_tree
from django_roadmap.tree import walk

NODES = "/admin/django_roadmap/roadmapnode/"
FEWEST, MOST = 100, 220
"""Nodes there are at all times, more or less: below and above them writers only add or delete."""

AS_JSON = {"Accept": "application/json"}
TRIES = 3
DEADLOCK = "deadlock"
FAILED = "The admin has failed."

WEIGHTS = {
    "add": 3,
    "move_within": 4,
    "move_across": 4,
    "delete": 5,
    "rename": 2,
    "edit_text": 4,
    "replace": 3,
    "copy": 1,
    "post_form": 3,
    "drag": 2,
}


def write(pipe, number, seed, operations, owned, kept, has_lock):
    """Edit as often as told; what became of it."""
    if not has_lock:
        take_the_lock_out()
    writer = Writer(number, seed, owned, kept)
    for _ in range(operations):
        writer.edit()
    return {
        "owned": writer.owned,
        "added": writer.added,
        "done": writer.done,
        "refused": writer.refused,
        "errors": writer.errors,
    }


def take_the_lock_out():
    """From now on every block believes that it holds all locks, and is no transaction."""

    @contextmanager
    def lock(model, using, tree_ids, versions=None):
        held = locking._held.get(connections[using], frozenset())
        locking._held[connections[using]] = held | frozenset(tree_ids)
        try:
            yield
        finally:
            locking._held[connections[using]] = held

    locking.lock = lock
    locking.is_held = lambda using, tree_ids: True


class Writer:
    """Somebody who edits at random, with instances that are new or from some time ago.

    Of a node that it owns nobody else writes the summary or the slug.
    """

    def __init__(self, number, seed, owned, kept):
        self.name, self.random = f"w{number}", Random(seed)
        self.owned, self.kept = owned, kept
        self.held = {}
        self.names = 0
        self.added = 0
        self.done, self.refused, self.errors = Counter(), Counter(), []
        self.client = Client()
        self.client.force_login(User.objects.get())

    def edit(self):
        columns = ("pk", "tree_id", "level", "lft", "rght")
        self.sizes, self.trees, self.topics = {}, defaultdict(list), defaultdict(list)
        for pk, tree_id, level, lft, rght in RoadmapNode.objects.values_list(*columns):
            self.sizes[pk] = (rght - lft + 1) // 2
            self.trees[tree_id].append(pk)
            if level:
                self.topics[tree_id].append(pk)
        [name] = self.random.choices(list(WEIGHTS), WEIGHTS.values())
        if len(self.sizes) > MOST:
            name = "delete"
        elif len(self.sizes) < FEWEST or self.owned.keys().isdisjoint(self.sizes):
            name = "add"
        block = self.random.choice([nullcontext, transaction.atomic])
        try:
            with block():
                getattr(self, name)()
        except Exception as error:
            self.held.clear()
            if block is not nullcontext and is_deadlock(error):
                self.refused[name, DEADLOCK] += 1
            elif is_refusal(error):
                self.refused[name, type(error).__name__] += 1
            else:
                self.errors.append(f"{name}: {traceback.format_exc()}")
        else:
            self.done[name] += 1

    def new_name(self):
        """A title nobody else gives, and at the same time a slug."""
        self.names += 1
        return f"{self.name}-{self.names}"

    def pick(self, pks):
        """One of these nodes: just read, or the instance that we have."""
        held = [self.held[pk] for pk in pks if pk in self.held]
        if held and self.random.random() < 0.5:
            return self.random.choice(held)
        found = RoadmapNode.objects.get(pk=self.random.choice(pks))
        self.held[found.pk] = found
        return found

    def any(self):
        return self.pick(list(self.sizes))

    def topic(self):
        return self.pick([pk for pks in self.topics.values() for pk in pks])

    def roadmap(self):
        """The tree of a roadmap with topics; of a large one more often."""
        sizes = [len(pks) for pks in self.topics.values()]
        return self.random.choices(list(self.topics), sizes)[0]

    def small(self):
        pks = [pk for pk in self.sizes if pk not in self.kept]
        return self.pick(sorted(self.random.sample(pks, 4), key=self.sizes.get)[:2])

    def own(self):
        return self.pick([pk for pk in self.owned if pk in self.sizes])

    def note(self, found):
        """This is what a node of ours has now."""
        self.owned[found.pk] = (found.summary, found.slug)

    def note_new(self, top):
        size = (top.rght - top.lft + 1) // 2
        self.added += size
        self.note(top)
        return size

    # The edits

    def add(self):
        way, target = self.random.choice(["save", "insert_at", "add", "roadmap"]), self.any()
        if way in ("save", "insert_at"):
            title = self.new_name()
            new = RoadmapNode(title=title, slug=title, summary=title)
            if way == "save":
                new.parent = target
                new.save()
            else:
                new.insert_at(target, self.random.choice(POSITIONS), save=True)
            self.added += 1
            self.note(new)
            return
        outline = self.outline()
        if way == "add":
            top = editing.add(outline, target, self.random.choice(POSITIONS))
        else:
            top = editing.add(outline)
        assert self.note_new(top) == len(list(walk(outline)))

    def outline(self):
        """A node, a few below it, and one below each of those."""
        return Outline(
            title=self.new_name(),
            summary="As it was added.",
            children=[
                Outline(
                    title=self.new_name(),
                    resources=[Link("Example", "https://example.org/")],
                    children=[Outline(title=self.new_name())],
                )
                for _ in range(self.random.randint(0, 2))
            ],
        )

    def move_within(self):
        tree_id = self.roadmap()
        self.move(self.pick(self.topics[tree_id]), self.pick(self.trees[tree_id]))

    def move_across(self):
        here = self.roadmap()
        there = self.random.choice([tree_id for tree_id in self.trees if tree_id != here])
        self.move(self.pick(self.topics[here]), self.pick(self.trees[there]))

    def move(self, found, target):
        if self.random.random() < 0.7:
            found.move_to(target, self.random.choice(POSITIONS))
            return
        found.parent = target
        if found.pk in self.owned:
            found.save()
            self.note(found)
        else:
            found.save(update_fields=["parent"])

    def delete(self):
        found = self.small()
        if self.random.random() < 0.5:
            _total, counts = found.delete()
        else:
            both = RoadmapNode.objects.filter(pk__in=[found.pk, self.small().pk])
            _total, counts = both.delete()
        self.added -= counts.get("django_roadmap.RoadmapNode", 0)

    def rename(self):
        found, slug = self.own(), self.new_name()
        if self.random.random() < 0.5:
            summary, _slug = self.owned[found.pk]
            editing.rename(found, slug)
            self.owned[found.pk] = (summary, found.slug)
        else:
            found.slug = slug
            found.save()
            self.note(found)
        assert found.slug == slug

    def edit_text(self):
        way = self.random.choice(["save", "update_fields", "update", "minutes"])
        if way == "minutes":
            found = self.any()
            found.minutes = self.random.randint(1, 60)
            found.save(update_fields=["minutes"])
            return
        found = self.own()
        _summary, slug = self.owned[found.pk]
        found.summary = self.new_name()
        if way == "save":
            found.save()
        elif way == "update_fields":
            found.save(update_fields=["summary"])
        elif not RoadmapNode.objects.filter(pk=found.pk).update(summary=found.summary):
            raise RoadmapNode.DoesNotExist
        self.owned[found.pk] = (found.summary, slug)

    def replace(self):
        """Import a branch as it was read, but for some nodes that are new, gone or elsewhere."""
        section = self.topic()
        branch = RoadmapNode.objects.branch(section, unpublished=True)
        parts = {part.pk: Outline(title=part.title, minutes=7) for part in walk(branch)}
        for part in walk(branch):
            children = [parts[child.pk] for child in part.children if self.random.random() < 0.9]
            self.random.shuffle(children)
            parts[part.pk].children = children
        self.random.choice(list(parts.values())).children.append(self.outline())
        delete = self.random.random() < 0.5
        changes = editing.replace(section, parts[branch.pk], delete=delete)
        self.added += len(changes.added) - delete * len(changes.removed)

    def copy(self):
        found, position = self.small(), self.random.choice(POSITIONS)
        target = None if self.random.random() < 0.3 else self.any()
        self.note_new(editing.copy(found, target, position))

    def post_form(self):
        """Open the form of a node, and send it back with other texts, and slug and parent at times.

        A form that is answered with errors, or by the way to the start page, wrote nothing.
        """
        found = self.own()
        url = f"{NODES}{found.pk}/change/"
        page = self.ask(self.client.get, url)
        if page.status_code == 302:
            raise RoadmapNode.DoesNotExist
        data = form_data(page.context)
        data["title"] = data["summary"] = self.new_name()
        renames = self.random.random() < 0.3
        if renames:
            data["slug"] = self.new_name()
        if self.random.random() < 0.3 and "parent" in data:
            data["parent"] = self.random.choice(self.trees.get(found.tree_id, list(self.sizes)))
        answer = self.ask(self.client.post, url, data)
        if answer.status_code == 200:
            raise ValidationError(answer.context["adminform"].form.errors)
        if answer.url == "/admin/":
            raise RoadmapNode.DoesNotExist
        assert answer.status_code == 302
        _summary, slug = self.owned[found.pk]
        self.owned[found.pk] = (data["summary"], data["slug"] if renames else slug)

    def ask(self, method, url, data=None, headers=None):
        """The admin's answer; an exception would be a page that says "Server error"."""
        try:
            return method(url, data, headers=headers)
        except Exception as error:
            raise AssertionError(FAILED) from error

    def drag(self):
        """Move a node as the tree in the admin does; again, if it was outdated."""
        tree_id = self.roadmap()
        pk, target = (
            self.random.choice(self.topics[tree_id]),
            self.random.choice(self.trees[tree_id]),
        )
        position = self.random.choice(POSITIONS)
        for _try in range(TRIES):
            versions = list(Roadmap.roots.filter(tree_id=tree_id).values_list("version", flat=True))
            data = {"version": versions, "target": target, "position": position}
            answer = self.ask(self.client.post, f"{NODES}{pk}/move/", data, AS_JSON)
            if answer.status_code == 200:
                return
            assert answer.status_code == 409, answer.content.decode()
        raise InvalidMove(answer.content.decode())


def is_refusal(error):
    """Whether somebody who edits among others has to expect this."""
    return (
        isinstance(error, (InvalidMove, RoadmapNode.DoesNotExist, Roadmap.DoesNotExist))
        or (isinstance(error, ValidationError) and hasattr(error, "error_dict"))
        or (isinstance(error, DatabaseError) and "did not affect any rows" in str(error))
    )


def is_deadlock(error):
    """Whether MariaDB ended a transaction of one's own: it keeps the lock of a roadmap that the
    node had just left, which is in the way of an edit of both (docs/explanation/locking.md).
    """
    cause = error.__cause__ if str(error) == FAILED else error
    return connection.vendor == "mysql" and cause.args[:1] == (locking.MARIADB_DEADLOCK,)


def form_data(context):
    """What a browser would send of an admin form that nobody has touched."""
    forms = [context["adminform"].form]
    for inline in context["inline_admin_formsets"]:
        forms += [inline.formset.management_form, *inline.formset.forms]
    data = {}
    for bound in (bound for form in forms for bound in form):
        value = bound.value()
        if not bound.field.disabled and value is not False:
            data[bound.html_name] = "" if value is None else value
        if bound.field.show_hidden_initial:
            data[bound.html_initial_name] = "" if value is None else value
    return data


def read(pipe):
    """Read and render until told to stop; how often, what was wrong, and which errors came."""
    random, times, wrong, errors = Random(), 0, [], []
    while not pipe.poll():
        try:
            wrong += findings()
            path = random.choice(list(Roadmap.roots.values_list("path", flat=True)))
            roadmap_tree(path)
            branch = RoadmapNode.objects.branch(path, unpublished=True)
            wrong += wrong_in(branch)
            times += 1
        except RoadmapNode.DoesNotExist as error:
            # Legal for a path: it may have been renamed or deleted since.
            if "No published roadmap" not in str(error):
                errors.append(traceback.format_exc())
        except Exception:
            errors.append(traceback.format_exc())
        time.sleep(0.05)
    return times, wrong, errors


def wrong_in(branch):
    """What is wrong with a branch in memory, and with how it is rendered."""
    nodes = list(walk(branch))
    for above in nodes:
        for child in above.children:
            if (child.parent_id, child.level) != (above.pk, above.level + 1):
                yield f"{child} is below {above}"
    pks = {found.pk for found in nodes}
    shown = roadmap_tree(branch).count('<li class="roadmap-node')
    if not len(pks) == len(nodes) == shown + 1:
        yield f"{branch}: {len(nodes)} nodes, {len(pks)} of them others, {shown} shown"


def create(pipe, titles):
    """Make a roadmap of each title, by turns alone and with nodes: their trees and paths."""
    created = []
    for number, title in enumerate(titles):
        if number % 2:
            root = editing.add(Outline(title, children=[Outline("Basics")]))
        else:
            root = RoadmapNode(title=title)
            root.save()
        created.append((root.tree_id, root.path))
    return created


# The edits in whose middle a process is killed


def add():
    section = Outline("Section", children=[Outline(f"Topic {n}") for n in range(5)])
    section.children[0].resources = [Link("Example", "https://example.org/")]
    section.children[1].prerequisites = [f"r0-{n}" for n in (1, 2)]
    editing.add(section, node("roadmap-0"), "first-child")


def replace():
    """Import a roadmap with a third of its nodes gone, the others turned round, and new ones."""
    root = node("roadmap-0")
    slugs = [child.slug for child in root.get_descendants()][::-1]
    children = [
        Outline(f"New title {slug}", slug, summary="Imported.", resources=[], prerequisites=[])
        for number, slug in enumerate(slugs)
        if number % 3
    ]
    children += [Outline(f"New {n}", children=[Outline(f"Below {n}")]) for n in range(5)]
    editing.replace(root, Outline(root.title, children=children), delete=True)


def repair():
    integrity.repair()


EDITS = {edit.__name__: edit for edit in (add, replace, repair)}


@contextmanager
def counting(at_write):
    """Call ``at_write`` after every statement that writes, with how many there were."""
    count = 0

    def execute(execute, sql, params, many, context):
        nonlocal count
        result = execute(sql, params, many, context)
        if sql.startswith(("INSERT", "UPDATE", "DELETE")):
            count += 1
            at_write(count)
        return result

    with connection.execute_wrapper(execute):
        yield


def stop_in_the_middle(pipe, edit, number):
    """Begin an edit, and wait for ever after its write of this number."""

    def at_write(count):
        if count == number:
            pipe.send(("in the middle", None))
            time.sleep(600)

    with counting(at_write):
        EDITS[edit]()
