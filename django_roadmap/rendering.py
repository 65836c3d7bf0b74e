"""Trees and tables as HTML: kept in pieces for each version, joined for each visit.

``roadmap_tree`` and ``roadmap_table`` are the functions behind the template tags, for views
and Jinja2: they find what they are asked for and never take a visitor's page down.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import lru_cache, wraps
from itertools import islice
from typing import Any, NamedTuple, ParamSpec, cast
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest
from django.shortcuts import resolve_url
from django.template import TemplateSyntaxError
from django.template.loader import select_template
from django.urls import NoReverseMatch, Resolver404, get_script_prefix, get_urlconf, resolve
from django.utils.crypto import salted_hmac
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from django_roadmap import editions, paths
from django_roadmap.counting import LABELS, PENDING, Counts
from django_roadmap.editions import FIRST, Edition, Kept
from django_roadmap.fingerprints import fingerprint
from django_roadmap.models import RoadmapNode
from django_roadmap.pieces import Pieces, Writer, join, slot, without_misused_slots
from django_roadmap.progress import Learner, Marks
from django_roadmap.tree import Branch

logger = logging.getLogger("django_roadmap")

P = ParamSpec("P")


class InvalidDepth(ValueError):
    """``depth`` is not a whole number from 1 up."""


def check_depth(depth: object) -> None:
    """Raises ``InvalidDepth`` for what is neither None nor a number of levels."""
    if depth is not None and (not isinstance(depth, int) or isinstance(depth, bool) or depth < 1):
        raise InvalidDepth(f"depth is a whole number from 1 up, not {depth!r}.")


class Form(NamedTuple):
    """One way to show a branch: the template around the nodes, and those that are kept.

    These are of each node, of its counts, and of the controls, if there are any.
    """

    wrapper: str
    kept: tuple[str, ...]
    slot: str


TREE = Form("tree.html", ("node.html", "counts.html", "explore.html"), "children")
TABLE = Form("table.html", ("row.html", "counts.html"), "rows")


def forgiving(function: Callable[P, SafeString]) -> Callable[P, SafeString]:
    """Under ``DEBUG`` a mistake in a template says so; otherwise it shows nothing and is logged."""

    @wraps(function)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> SafeString:
        try:
            return function(*args, **kwargs)
        except (RoadmapNode.DoesNotExist, InvalidDepth) as error:
            if settings.DEBUG:
                raise TemplateSyntaxError(f"{function.__name__}: {error}") from error
            logger.warning("%s: %s", function.__name__, error)
            return SafeString()

    return wrapped


@forgiving
def roadmap_tree(
    node: object = FIRST,
    *,
    depth: int | None = None,
    numbered: bool | None = None,
    assets: bool = True,
    request: HttpRequest | None = None,
) -> SafeString:
    """The tree of a roadmap or branch as nested lists.

    ``node`` is a path, a ``RoadmapNode`` or a ``Branch``; without one it is the first
    published roadmap, and nothing when there is none. ``depth`` is how many levels below the
    node to show, from 1; ``numbered`` says whether the outermost list is, by default when it
    holds the stages of a flat roadmap; ``assets`` whether to link the stylesheet and the
    scripts, once for each ``request``. With a request its learner's states are shown.
    """
    return _html(TREE, node, request, depth=depth, numbered=numbered, assets=assets)


@forgiving
def roadmap_table(
    node: object = FIRST,
    *,
    numbered: bool | None = None,
    assets: bool = True,
    request: HttpRequest | None = None,
) -> SafeString:
    """The children of a roadmap or branch as a table of stages and descriptions.

    The arguments mean what they mean to ``roadmap_tree``.
    """
    return _html(TABLE, node, request, depth=1, numbered=numbered, assets=assets)


def _html(form: Form, target: Any, request: HttpRequest | None, **options: Any) -> SafeString:
    if (found := seek(target, request)) is None:
        return SafeString()
    edition, target, marks = found
    return branch_html(edition, target, form, request=request, marks=marks, **options)


class Sought(NamedTuple):
    """What somebody asked for: the path or key of a node, the edition it is in, their marks."""

    edition: Edition
    target: str | int
    marks: Marks | None


def seek(target: Any, request: HttpRequest | None) -> Sought | None:
    """What a tag is asked for; None without a first roadmap. Raises ``DoesNotExist``."""
    if isinstance(target, Branch):
        marks = marks_of(request, lambda: editions.find(target.path))
        return Sought(editions.InMemory(target), target.pk, marks)
    found = editions.find(target)
    if found is None and target is FIRST:
        return None
    if found is None:
        raise RoadmapNode.DoesNotExist(f"No published roadmap or node is at {target!r}.")
    if not isinstance(target, str):
        target = found.path if target is FIRST else target.pk
    return Sought(found, target, marks_of(request, lambda: found))


def marks_of(request: HttpRequest | None, edition: Callable[[], Edition | None]) -> Marks | None:
    """The marks of whoever asks; None where nobody can have any."""
    learner = Learner.of(request)
    found = learner and edition()
    marks = learner.marks(found) if learner and found else {}
    if learner is None or (learner.is_guest and not marks and not paths.url("mark")):
        return None
    return marks


def branch_html(
    edition: Edition,
    target: str | int,
    form: Form = TREE,
    *,
    depth: int | None = None,
    numbered: bool | None = None,
    assets: bool = True,
    request: HttpRequest | None = None,
    marks: Marks | None = None,
) -> SafeString:
    """A branch of an edition, by path or key, in one form.

    ``marks`` are the learner's, None where there is no learner. Raises ``DoesNotExist`` for
    what is not in the edition, and ``InvalidDepth``.
    """
    check_depth(depth)
    templates = [template(name, edition.path) for name in form.kept]
    can_mark = marks is not None and request is not None and bool(paths.url("mark"))
    writer = Writer(
        lambda: edition.way_to(target),
        lambda pk: edition.resources.get(pk, []),
        *templates,
        depth=depth,
        numbered=numbered,
        state="" if marks is None else PENDING,
        anchors=bool(request) and form is TREE and is_first(request, "tree", edition.path),
        can_mark=can_mark,
    )
    look = (form.wrapper, target, depth, numbered, writer.state, writer.anchors, writer.can_mark)
    kept = edition.kept(*look, *map(fingerprint, templates))
    shown = _with_marks(writer, kept, marks) if marks else _without_marks(writer, kept)
    token = _slot_token(settings.SECRET_KEY)
    context = {
        "node": shown.node,
        "numbered": shown.numbered,
        "assets": assets and is_first(request, "stylesheet"),
        form.slot: slot(form.slot, token) if shown.has_nodes else "",
    }
    if form is TREE and shown.has_nodes:
        context["explore"] = mark_safe(shown.explore)  # noqa: S308 (a template made it)
        context["explore_script"] = assets and is_first(request, "explore_script")
        if can_mark:
            context |= {**marking(request), "script": assets and is_first(request, "script")}
    tree = template(form.wrapper, edition.path)
    wrapper = without_misused_slots(tree.render(context, request), token, tree, form.slot)
    # Through the template, a large text would be copied once for each block it is in.
    around = tuple(wrapper.split(slot(form.slot, token)))
    html = shown.whole.get(around)
    if html is None:
        parts: list[str] = []
        for text in around:
            parts += [*(shown.html if parts else ()), text]
        html = mark_safe("".join(parts))  # noqa: S308 (templates made it)
        shown.whole.clear()
        shown.whole[around] = html
    return html


def is_first(request: HttpRequest | None, *what: str) -> bool:
    """Whether this is not on the page yet, as far as one can know: what is to be there once."""
    shown: set[tuple[str, ...]] = getattr(request, "_django_roadmap_shown", set())
    if request is not None:
        request._django_roadmap_shown = {*shown, what}  # type: ignore[attr-defined]
    return what not in shown


def marking(request: Any) -> dict[str, Any]:
    """What a form to mark with needs, for a request of a learner.

    A token for it is in the page of whoever has one already. Others get theirs when they
    mark something: until then nothing is stored for them, not even a cookie.
    """
    learner = cast("Learner", Learner.of(request))
    return {
        "mark_url": paths.url("mark"),
        "back": request.get_full_path(),
        "with_token": bool(request.META.get("CSRF_COOKIE")) or not learner.is_guest,
        "note": learner.take_note(),
        "login_url": login_url(request.get_full_path()) if learner.is_guest else "",
        "states": LABELS.items(),
    }


def login_url(following: str) -> str:
    """Where the site signs people in, to go on from there; empty when nothing is there."""
    here = get_urlconf() or settings.ROOT_URLCONF, get_script_prefix(), get_language()
    page = _login_page(str(settings.LOGIN_URL), *here)
    return page and redirect_to_login(following, page).url


@lru_cache
def _login_page(login_url: str, *here: object) -> str:
    """To look for it takes longer than much else of a visit."""
    try:
        url = resolve_url(login_url)
        parts = urlsplit(url)
        if not parts.netloc:
            resolve("/" + parts.path.removeprefix(get_script_prefix()).removeprefix("/"))
    except (NoReverseMatch, Resolver404):
        return ""
    return str(url)


@lru_cache
def _slot_token(key: str) -> str:
    """The same in all processes, since the site may cache what is around a slot."""
    return salted_hmac("django_roadmap.slots", "", key, algorithm="sha256").hexdigest()[:16]


class Shown(NamedTuple):
    """What a visit shows of a branch: its top node by itself, and all below it in parts."""

    node: Branch
    numbered: bool
    html: list[str]
    explore: str
    whole: dict[tuple[str, ...], SafeString]
    """With what was around it last: to put large texts together takes longer than all else."""

    @property
    def has_nodes(self) -> bool:
        return any(self.html)


def _without_marks(writer: Writer, kept: Kept) -> Shown:
    shown: Shown | None
    [shown] = kept.get(shown=Shown)
    if shown is None:
        pieces = kept.get(pieces=Pieces)[0] if writer.state else None
        if pieces is None:
            pieces = writer.write()
            if writer.state:
                kept.put(pieces=pieces)
        shown = _joined(writer, pieces, {}, {}, {})
        chunks = range(0, len(shown.html), CHUNK)
        kept.put(shown=shown._replace(html=["".join(shown.html[i : i + CHUNK]) for i in chunks]))
    return shown


def _with_marks(writer: Writer, kept: Kept, marks: Marks) -> Shown:
    """A node is rendered in another state when somebody first has it there, and kept, too."""
    pieces, others = kept.get(pieces=Pieces, others=Others)
    version = kept.edition.version
    while True:
        if pieces is None:
            pieces = writer.write()
            kept.put(pieces=pieces)
            version = kept.edition.version
        if others is None or others.token != pieces.token:
            others = Others(pieces.token, {}, {})
        states, counts = pieces.skeleton.roll_up(marks)
        wanted = [(place, state) for place, state in states.items() if pieces.is_shown[place]]
        missing = [key for key in wanted if key not in others.html]
        # To render is to read the roadmap, which may be another edition than the pieces are of.
        if not missing or (writer.nodes and version == kept.edition.version):
            break
        pieces = None
    added = {key: writer.node(*key, pieces.token) for key in missing}
    changed = {key[0]: added.get(key) or others.html.get(key, "") for key in wanted}
    rendered = others.counts.copy()
    shown = _joined(writer, pieces, changed, counts, rendered)
    if added or len(rendered) > len(others.counts) < COUNTS_KEPT:
        few = dict(islice(rendered.items(), COUNTS_KEPT))
        kept.put(others=Others(pieces.token, {**others.html, **added}, few))
    return shown


class Others(NamedTuple):
    """Nodes in other states, by place and state, and rendered counts."""

    token: str
    html: dict[tuple[int, str], str]
    counts: dict[tuple[int, ...], str]


CHUNK = 50
"""So many nodes are kept in one text: large ones are slow to get memory for."""

COUNTS_KEPT = 500
"""Of large branches almost every learner has different ones, which are not worth keeping."""


def _joined(
    writer: Writer,
    pieces: Pieces,
    changed: dict[int, str],
    counts: dict[int, Counts],
    rendered: dict[tuple[int, ...], str],
) -> Shown:
    bones = pieces.skeleton

    def counts_html(place: int) -> str:
        count = counts.get(place) or Counts(bones.topics[place])
        if count not in rendered:
            rendered[tuple(count)] = writer.counts(count)
        return rendered[count]

    html = join(pieces, changed, counts_html)
    return Shown(pieces.node, pieces.numbered, html, pieces.explore, {})


def template_names(name: str, path: str) -> list[str]:
    """A roadmap's own template, then everybody's."""
    return [f"django_roadmap/{paths.roadmap_slug(path)}/{name}", f"django_roadmap/{name}"]


def template(name: str, path: str) -> Any:
    return select_template(template_names(name, path))
