"""Outlines at random, texts torn apart, and what holds for whatever is read from them."""

from hypothesis import strategies as st

from django_roadmap.outline.values import KINDS, Link, Outline, walk_levels

tears = st.tuples(st.randoms(use_true_random=False), st.integers(1, 5))


def forests(texts, *, titles, slugs, minutes):
    """Up to three outlines, in which anything may be None that can be."""

    def outlines_of(children):
        return st.builds(
            Outline,
            title=titles,
            slug=texts,
            summary=st.none() | texts,
            description=st.none() | texts,
            is_published=st.none() | st.booleans(),
            is_optional=st.none() | st.booleans(),
            minutes=st.none() | minutes,
            resources=st.none() | st.lists(links, max_size=3),
            prerequisites=st.none() | st.lists(slugs, max_size=3),
            children=children,
        )

    links = st.builds(Link, titles, titles, st.sampled_from(KINDS))
    outlines = st.recursive(
        outlines_of(st.just([])),
        lambda below: outlines_of(st.lists(below, max_size=3)),
        max_leaves=8,
    )
    return st.lists(outlines, max_size=3)


def torn(content, tear, pieces):
    """The text with some parts of it left out, doubled, or replaced by one of the pieces."""
    source, count = tear
    for _change in range(count):
        begin, end = sorted(source.choices(range(len(content) + 1), k=2))
        end = min(end, begin + 40)
        piece = source.choice(["", content[begin:end] * 2, *pieces])
        content = content[:begin] + piece + content[end:]
    return content


def check_read(content, outlines, problems):
    """Lines are within the text, nothing lacks a title untold, and problems can be printed."""
    most = content.count("\n") + content.count("\r") + 1
    parts = [part for part, _level in walk_levels(outlines)]
    assert all(1 <= each.line <= most for each in [*parts, *problems])
    assert all(part.title.strip() for part in parts) or problems
    assert all(problem.message for problem in problems)
    "\n".join(map(str, problems)).encode()
