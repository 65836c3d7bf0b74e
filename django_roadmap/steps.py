"""What to learn next. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from django_roadmap.counting import LEARNING, Skeleton, is_left


def next_step(
    bones: Skeleton, states: Mapping[int, str], needs: Mapping[int, Sequence[int]], place: int = 0
) -> int | None:
    """The place of the topic of a node that comes next; None when nothing is left.

    That is the first in reading order whose prerequisites are met, and one that is being
    learned before one that is not. ``needs`` are the prerequisites of nodes, by place; those of
    a node are its topics', too. What counts for nothing is not waited for. Where every topic
    waits for another, the first one comes next: prerequisites lock nothing.
    """
    left = [topic for topic in bones.topics_of(place) if is_left(states, topic)]
    left.sort(key=lambda topic: states.get(topic) != LEARNING)

    def waits(topic: int) -> bool:
        return any(
            is_left(states, need)
            and bones.counted[need]
            and bones.topics[need]
            # A part of something cannot wait for the whole.
            and not need <= topic < bones.ends[need]
            for node in _upwards(bones, topic)
            for need in needs.get(node, ())
        )

    return next((topic for topic in left if not waits(topic)), left[0] if left else None)


def _upwards(bones: Skeleton, place: int) -> Iterator[int]:
    while place >= 0:
        yield place
        place = bones.feeds[place]
