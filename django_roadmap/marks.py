"""Where a learner's marks are: in rows of their account, or in the session of a guest."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol, TypeAlias

from django.contrib.auth import get_user_model
from django.contrib.sessions.backends import signed_cookies
from django.db import connections, transaction
from django.db.models import F
from django.utils import timezone

from django_roadmap.counting import PENDING
from django_roadmap.models import Progress, RoadmapNode, State
from django_roadmap.rows import deleting_by_key, insert, plain_rows, values_where, write

Marks: TypeAlias = Mapping[int, str]
"""The states of topics that are not pending, by primary key."""

SESSION_KEY = "django_roadmap"

NOTE_KEY = "django_roadmap_note"
"""Whether a guest is still to be told where their marks are; not there before their first."""

COOKIE_ROOM = 3800
"""How long a session may be that is a cookie: browsers drop those over 4096 with their name."""


class TooManyMarks(ValueError):
    """A guest's session has no room for more marks."""


class Store(Protocol):
    """What a learner's marks are kept in."""

    def read(self, using: str) -> Marks: ...

    def change(self, using: str, changes: Callable[[Marks], Marks]) -> tuple[Marks, Marks]:
        """Write what ``changes`` makes of the marks as they are, and return before and after."""

    def export(self, using: str) -> list[dict[str, Any]]: ...


class AccountMarks:
    """The marks of an account: one query to read those of all roadmaps.

    For most learners, to leave out the other roadmaps takes longer than to read them.
    """

    def __init__(self, user_id: Any) -> None:
        self.user_id = user_id

    def read(self, using: str) -> Marks:
        return dict(values_where(Progress, using, "user", [self.user_id], ("node_id", "state")))

    def change(self, using: str, changes: Callable[[Marks], Marks]) -> tuple[Marks, Marks]:
        """One change of an account comes after the other, so the last one wins."""
        with transaction.atomic(using=using):
            self._lock(using)
            columns = ("node_id", "state", "pk")
            found = values_where(Progress, using, "user", [self.user_id], columns)
            before = {pk: state for pk, state, _key in found}
            changed = changes(before)
            after = {pk: s for pk, s in {**before, **changed}.items() if s != PENDING}
            gone = [key for pk, _state, key in found if changed.get(pk) == PENDING]
            if gone:
                with deleting_by_key(using):
                    plain_rows(Progress, using).filter(pk__in=gone).delete()
            keys = {pk: key for pk, _state, key in found}
            same: dict[str, Any] = {"user_id": self.user_id, "updated_at": timezone.now()}
            rows = [
                Progress(pk=keys.get(pk), node_id=pk, state=changed[pk], **same)
                for pk in sorted(changed)
                if changed[pk] != PENDING
            ]
            # Not in one statement, for which MariaDB locks what is beside it, of others, too.
            there = [row for row in rows if row.pk is not None]
            write(Progress, using, ("state", "updated_at"), there)
            insert(Progress, using, [row for row in rows if row.pk is None])
        return before, after

    def export(self, using: str) -> list[dict[str, Any]]:
        rows = plain_rows(Progress, using).filter(user=self.user_id)
        rows = rows.order_by("node__tree_id", "node__lft")
        columns = {"path": F("node__path"), "title": F("node__title")}
        return list(rows.values("state", "updated_at", **columns))

    def _lock(self, using: str) -> None:
        features = connections[using].features
        if features.has_select_for_update:
            users = plain_rows(get_user_model(), using).filter(pk=self.user_id)
            no_key = features.has_select_for_no_key_update
            list(users.select_for_update(no_key=no_key).values_list("pk"))
        else:
            # SQLite: whoever writes first keeps the others waiting; there is nothing to write.
            plain_rows(Progress, using).filter(pk=0).update(state=State.DONE)


class GuestMarks:
    """The marks of a guest, in their session; what else may be found there is no mark."""

    def __init__(self, session: Any) -> None:
        self.session = session

    def read(self, using: str = "") -> Marks:
        found = self.session.get(SESSION_KEY)
        marks = {}
        for state in State.values:
            pks = found.get(state) if isinstance(found, dict) else None
            for pk in pks if isinstance(pks, list) else ():
                if type(pk) is int and 0 < pk < 2**63:
                    marks[pk] = state
        return marks

    def change(self, using: str, changes: Callable[[Marks], Marks]) -> tuple[Marks, Marks]:
        """Raises ``TooManyMarks`` when the session has no room for them; then nothing changes."""
        before = self.read()
        changed = changes(before)
        after = {pk: s for pk, s in {**before, **changed}.items() if s != PENDING}
        if changed:
            self._write(after, is_less=len(after) < len(before))
        return before, after

    def export(self, using: str) -> list[dict[str, Any]]:
        marks = self.read()
        rows = plain_rows(RoadmapNode, using).filter(pk__in=list(marks)).order_by("tree_id", "lft")
        return [
            {"path": path, "title": title, "state": marks[pk]}
            for pk, path, title in rows.values_list("pk", "path", "title")
        ]

    def take_note(self, is_due: bool = False) -> bool:
        is_due = bool(self.session.get(NOTE_KEY, is_due))
        if self.session.get(NOTE_KEY):
            self.session[NOTE_KEY] = False
        return is_due

    def leave_note(self) -> None:
        if NOTE_KEY not in self.session:
            self.session[NOTE_KEY] = True

    def _write(self, marks: Marks, is_less: bool) -> None:
        session = self.session
        found, was_modified = session.get(SESSION_KEY), session.modified
        states = {s: sorted(pk for pk in marks if marks[pk] == s) for s in State.values}
        session.pop(SESSION_KEY, None)
        if marks:
            session[SESSION_KEY] = {state: pks for state, pks in states.items() if pks}
        if isinstance(session, signed_cookies.SessionStore):
            session.save()
            # What else is in it may have filled it: marks can be taken back all the same.
            if len(session.session_key or "") > COOKIE_ROOM and not is_less:
                session.pop(SESSION_KEY, None)
                if found is not None:
                    session[SESSION_KEY] = found
                session.save()
                session.modified = was_modified
                raise TooManyMarks("The session has no room for more marks.")
