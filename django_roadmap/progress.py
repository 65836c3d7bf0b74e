"""What a learner has done: marks on topics, by primary key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from django.contrib.auth import get_user_model
from django.http import HttpRequest

from django_roadmap.editions import Edition
from django_roadmap.models import Progress
from django_roadmap.rows import values_where

Marks: TypeAlias = Mapping[int, str]


@dataclass(frozen=True, slots=True)
class Learner:
    """Somebody who follows roadmaps: an account."""

    user_id: Any

    @classmethod
    def of(cls, request: HttpRequest | None) -> Learner | None:
        """The learner that a request is from; None where nobody with an account is signed in."""
        user: Any = getattr(request, "user", None)
        has_account = isinstance(user, get_user_model()) and user.pk is not None
        return cls(user.pk) if has_account else None

    def marks(self, edition: Edition) -> Marks:
        """The states of all topics that are not pending, in one query.

        Of all roadmaps: for most learners, to leave out the others takes longer than to read them.
        """
        user = [self.user_id]
        return dict(values_where(Progress, edition.using, "user", user, ("node_id", "state")))
