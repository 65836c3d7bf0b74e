"""Any sequence of edits, by fresh and stale instances, ends like the same edits of nested lists."""

import pytest
from django.contrib.auth.models import User
from django.db import DatabaseError
from django.test import Client
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from mptt.exceptions import InvalidMove
from soundness import findings

from django_roadmap import editing, integrity
from django_roadmap.models import RoadmapNode
from django_roadmap.outline import Outline

NODES = "/admin/django_roadmap/roadmapnode/"
BELOW, BESIDE = ("first-child", "last-child"), ("left", "right")
a_node = st.integers(0, 50)
a_position = st.sampled_from(BELOW + BESIDE)


class Trees(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        RoadmapNode.objects.all().delete()
        user, _ = User.objects.get_or_create(username="admin", is_staff=True, is_superuser=True)
        self.staff = Client()
        self.staff.force_login(user)
        self.below = {None: []}
        """The oracle: the titles below each title, in order; roadmaps are below None."""
        self.held = {}
        """An instance of every title there ever was, as old as its last use."""
        for _ in range(2):
            self.add_roadmap()
        for number in range(4):
            self.add(number, "last-child", stale=True)

    # The oracle

    def above(self, title):
        return next((above for above, titles in self.below.items() if title in titles), None)

    def branch(self, title):
        return [title] + [lower for child in self.below[title] for lower in self.branch(child)]

    def put(self, title, target, position):
        above = target if position in BELOW else self.above(target)
        titles = self.below[above]
        titles.insert(
            {
                "first-child": lambda: 0,
                "last-child": lambda: len(titles),
                "left": lambda: titles.index(target),
                "right": lambda: titles.index(target) + 1,
            }[position](),
            title,
        )

    def may_stand(self, target, position):
        return target in self.below and (position in BELOW or self.above(target) is not None)

    def may_move(self, title, target, position):
        return (
            title in self.below
            and self.above(title) is not None
            and self.may_stand(target, position)
            and target not in self.branch(title)
        )

    def cut(self, title):
        gone = self.branch(title) if title in self.below else []
        if gone:
            self.below[self.above(title)].remove(title)
        for lower in gone:
            del self.below[lower]
        return gone

    # Instances

    def pick(self, number):
        return list(self.held)[number % len(self.held)]

    def node(self, title, stale):
        if not stale and title in self.below:
            self.held[title] = RoadmapNode.objects.get(title=title)
        return self.held[title]

    # Edits

    @rule()
    def add_roadmap(self):
        title = f"Node {len(self.held)}"
        self.held[title] = RoadmapNode(title=title)
        self.held[title].save()
        self.below[None].append(title)
        self.below[title] = []

    @rule(place=a_node, position=a_position, stale=st.booleans(), by_manager=st.booleans())
    def add(self, place, position, stale, by_manager=False):
        target, title = self.pick(place), f"Node {len(self.held)}"
        new, beside = RoadmapNode(title=title), self.node(target, stale)
        if not self.may_stand(target, position):
            with pytest.raises(InvalidMove):
                new.insert_at(beside, position, save=True)
            return
        if by_manager:
            RoadmapNode.objects.insert_node(new, beside, position, save=True)
        elif position == "last-child":
            new.parent = beside
            new.save()
        else:
            new.insert_at(beside, position, save=True)
        self.held[title] = new
        self.put(title, target, position)
        self.below[title] = []

    @rule(
        moved=a_node,
        place=a_node,
        position=a_position,
        stale=st.booleans(),
        old=st.booleans(),
        move=st.sampled_from([RoadmapNode.move_to, RoadmapNode.objects.move_node, editing.move]),
    )
    def move(self, moved, place, position, stale, old, move):
        title, target = self.pick(moved), self.pick(place)
        instance, beside = self.node(title, stale), self.node(target, old)
        if not self.may_move(title, target, position):
            with pytest.raises(InvalidMove):
                move(instance, beside, position)
            return
        move(instance, beside, position)
        self.below[self.above(title)].remove(title)
        self.put(title, target, position)

    @rule(moved=a_node, place=a_node, stale=st.booleans())
    def reparent(self, moved, place, stale):
        title, target = self.pick(moved), self.pick(place)
        instance = self.node(title, stale)
        instance.parent = self.node(target, stale)
        if title in self.below and self.above(title) == target:
            # Set to where it is already, or was moved to by somebody else: it stays.
            instance.save()
        elif self.may_move(title, target, "last-child"):
            instance.save()
            self.below[self.above(title)].remove(title)
            self.put(title, target, "last-child")
        else:
            with pytest.raises((InvalidMove, DatabaseError, ValueError)):
                instance.save()
            if title in self.below:
                instance.refresh_from_db()

    @rule(edited=a_node, stale=st.booleans(), slug=st.sampled_from(["", "a", "ä", "named"]))
    def edit(self, edited, stale, slug):
        title = self.pick(edited)
        instance = self.node(title, stale)
        instance.minutes = len(self.held)
        if slug != "a":
            instance.slug = slug and f"{slug}-{len(self.held)}-{edited}"
        if title in self.below:
            try:
                instance.save()
            except DatabaseError:
                # Somebody had the slug.
                instance.refresh_from_db()
        else:
            with pytest.raises((DatabaseError, ValueError)):
                instance.save()

    @rule(deleted=a_node, stale=st.booleans())
    def delete(self, deleted, stale):
        title = self.pick(deleted)
        instance = self.node(title, stale)
        there = RoadmapNode.objects.filter(title=title).first()
        count, _ = instance.delete()
        if title in self.below:
            self.held[title] = there
            assert count == len(self.cut(title))
        else:
            assert count == 0

    @rule(several=st.lists(a_node, max_size=4))
    def delete_several(self, several):
        titles = {self.pick(number) for number in several}
        RoadmapNode.objects.filter(title__in=titles).delete()
        for title in titles:
            self.cut(title)

    @rule(copied=a_node, place=a_node, position=a_position, stale=st.booleans())
    def copy(self, copied, place, position, stale):
        title, target = self.pick(copied), self.pick(place)
        instance, beside = self.node(title, stale), self.node(target, stale)
        if title not in self.below or not self.may_stand(target, position):
            with pytest.raises(InvalidMove):
                editing.copy(instance, beside, position)
            return
        if len(self.branch(title)) > 20:
            return
        copy = editing.copy(instance, beside, position)
        names = {title: title for title in self.branch(title)}
        for found in copy.get_descendants(include_self=True):
            # The oracle knows nodes by their titles, and no two slugs are alike.
            names[found.title] = f"Node {len(self.held)}"
            found.title = names[found.title]
            found.slug = found.title.lower().replace(" ", "-")
            found.save()
            self.held[found.title] = found
        below = {names[title]: [names[t] for t in self.below[title]] for title in names}
        self.put(names[title], target, position)
        self.below.update(below)

    def outline(self, title):
        return Outline(title, children=[self.outline(child) for child in self.below[title]])

    @rule(replaced=a_node, stale=st.booleans(), delete=st.booleans())
    def replace(self, replaced, stale, delete):
        """Turn the children around, all but the last, and add one."""
        title, new = self.pick(replaced), f"Node {len(self.held)}"
        instance = self.node(title, stale)
        if title not in self.below:
            with pytest.raises(InvalidMove):
                editing.replace(instance, Outline(title))
            return
        *kept, lacking = self.below[title] or [None]
        outline = self.outline(title)
        outline.children = [self.outline(child) for child in reversed(kept)] + [Outline(new)]
        editing.replace(instance, outline, delete=delete)
        if delete and lacking:
            self.cut(lacking)
        last = [lacking] if lacking and not delete else []
        self.below[title] = [*reversed(kept), new, *last]
        self.below[new] = []
        self.held[new] = RoadmapNode.objects.get(title=new)

    # In the admin

    def post(self, title, page, **data):
        node = RoadmapNode.objects.filter(title=title).first() or self.held[title]
        return self.staff.post(f"{NODES}{node.pk}/{page}/", data).status_code

    @rule(moved=a_node, place=a_node, position=a_position, is_outdated=st.booleans())
    def move_in_admin(self, moved, place, position, is_outdated):
        title, target = self.pick(moved), self.pick(place)
        versions = [*RoadmapNode.objects.roadmaps().values_list("version", flat=True)]
        if is_outdated:
            editing.touch()
        wish = {"target": self.node(target, stale=False).pk, "position": position}
        status = self.post(title, "move", version=versions, **wish)
        if title not in self.below:
            assert status == 302  # back to the list, with a message
        elif is_outdated or not self.may_move(title, target, position):
            assert status == 409 or self.above(title) is None
        else:
            assert status == 302
            self.below[self.above(title)].remove(title)
            self.put(title, target, position)

    @rule(moved=a_node, step=st.sampled_from(["up", "down", "in", "out"]))
    def step_in_admin(self, moved, step):
        title = self.pick(moved)
        versions = [*RoadmapNode.objects.roadmaps().values_list("version", flat=True)]
        self.post(title, "move", version=versions, step=step)
        above = self.above(title)
        if above is None:
            return
        beside = self.below[above]
        place = beside.index(title)
        if step == "out":
            if self.above(above) is not None:
                beside.remove(title)
                self.put(title, above, "right")
        elif step == "down":
            beside.insert(place + 1, beside.pop(place))
        elif place and step == "up":
            beside.insert(place - 1, beside.pop(place))
        elif place:
            self.below[beside[place - 1]].append(beside.pop(place))

    @rule(place=a_node)
    def type_in_admin(self, place):
        target, first = self.pick(place), len(self.held)
        if target not in self.below:
            return
        above, below = f"Node {first}", f"Node {first + 1}"
        node, text = self.node(target, stale=False), f"{above}\n  {below}"
        page = f"{NODES}{node.pk}/titles/"
        confirm = self.staff.post(page, {"text": text}).context["confirm"]
        assert self.staff.post(page, {"text": text, "confirm": confirm}).status_code == 302
        self.below[target].append(above)
        self.below.update({above: [below], below: []})
        for title in (above, below):
            self.held[title] = RoadmapNode.objects.get(title=title)

    @rule(deleted=a_node)
    def delete_in_admin(self, deleted):
        title = self.pick(deleted)
        there = RoadmapNode.objects.filter(title=title).first()
        self.post(title, "delete", post="yes")
        if title in self.below:
            self.held[title] = there
            self.cut(title)

    @rule()
    def rebuild(self):
        RoadmapNode.objects.rebuild()

    # What must hold

    @invariant()
    def trees_are_sound(self):
        assert findings() == []
        assert integrity.check() == []

    @invariant()
    def trees_are_like_the_lists(self):
        rows = RoadmapNode.objects.order_by("tree_id", "lft").values_list("title", "parent__title")
        ours = {above: [] for above in self.below}
        for title, above in rows:
            ours[above].append(title)
        roots = RoadmapNode.objects.roadmaps().values_list("title", flat=True)
        assert {**ours, None: list(roots)} == self.below


@pytest.mark.django_db
def test_any_sequence_of_edits():
    run_state_machine_as_test(
        Trees,
        settings=settings(
            # 30, or as many as a more thorough profile says.
            max_examples=max(settings.default.max_examples, 130) - 100,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
        ),
    )
