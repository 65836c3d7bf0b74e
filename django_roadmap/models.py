"""The tables: nodes, the roadmaps among them, resources, and what learners know."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator, URLValidator
from django.db import models, router
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from mptt.exceptions import InvalidMove
from mptt.models import MPTTModel, TreeForeignKey

from django_roadmap import counting, memory, paths, placing
from django_roadmap.locking import lock_roadmaps_of
from django_roadmap.managers import NodeManager, ResourceQuerySet, RootManager
from django_roadmap.rows import plain_rows


class RoadmapNode(MPTTModel):
    """One place in a roadmap: a level, a section, a topic; a root node is the roadmap itself.

    ``save()`` inserts a new node as the last child of its ``parent``, or as a roadmap; of an
    existing one it writes the caller's own fields, moves it when the instance was given a new
    parent and renames it when it was given a new slug. Tree columns, ``path`` and ``version``
    are never written from memory.
    """

    parent_id: int | None
    _loaded: dict[str, Any] = {}
    _in_place: Callable[[], AbstractContextManager[None]]
    _mptt_cached_fields: dict[str, Any]
    _tree_manager: NodeManager

    parent = TreeForeignKey(
        "self",
        verbose_name=_("parent"),
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="children",
        help_text=_("The node that this one is part of."),
    )
    title = models.CharField(_("title"), max_length=200)
    slug = models.SlugField(
        _("slug"),
        max_length=paths.SLUG_MAX_LENGTH,
        allow_unicode=True,
        blank=True,
        db_index=False,
        help_text=_("The last part of the node's address. Left empty, it is made from the title."),
    )
    path = models.CharField(
        _("path"),
        max_length=paths.PATH_MAX_LENGTH,
        unique=True,
        editable=False,
        help_text=_("The roadmap's slug, a slash and the node's own slug."),
    )
    summary = models.CharField(
        _("summary"),
        max_length=300,
        blank=True,
        help_text=_("One plain sentence, shown in trees and tables."),
    )
    description = models.TextField(
        _("description"),
        blank=True,
        help_text=_(
            "Markdown, shown on the node's own page. A link to roadmap:some/path leads to a node."
        ),
    )
    is_published = models.BooleanField(
        _("published"),
        default=True,
        help_text=_("An unpublished node is hidden together with everything below it."),
    )
    is_optional = models.BooleanField(
        _("optional"),
        default=False,
        help_text=_("An optional node counts nowhere, and nor does anything below it."),
    )
    minutes = models.PositiveIntegerField(
        _("minutes"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_("How many minutes of work this takes. Left empty, it is unknown."),
    )
    prerequisites = models.ManyToManyField(
        "self",
        verbose_name=_("prerequisites"),
        symmetrical=False,
        blank=True,
        related_name="dependents",
        help_text=_("Nodes of the same roadmap that are good to know first. They lock nothing."),
    )
    position = models.PositiveIntegerField(
        _("position"),
        default=0,
        help_text=_("Roadmaps are listed in this order. A new one with 0 goes last."),
    )
    version = models.CharField(_("version"), max_length=32, blank=True, editable=False)
    updated_at = models.DateTimeField(_("last change"), auto_now=True)
    tree_id = models.PositiveIntegerField(editable=False)
    lft = models.PositiveIntegerField(editable=False)
    rght = models.PositiveIntegerField(editable=False)
    level = models.PositiveIntegerField(_("depth"), editable=False)

    objects = NodeManager()  # type: ignore[misc]

    class Meta:
        verbose_name = _("node")
        verbose_name_plural = _("nodes")
        base_manager_name = "objects"
        indexes = [
            # mptt's own index, which reaches migrations only beside an explicit list.
            models.Index(fields=["tree_id", "lft"], name="roadmapnode_tree_order"),
            # Without it, finding what hides a node reads all nodes for each.
            models.Index(
                fields=["tree_id", "is_published", "lft"], name="roadmapnode_hidden_in_tree"
            ),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(lft__lt=F("rght")), name="roadmapnode_lft_lt_rght"),
            models.CheckConstraint(
                condition=~Q(slug__contains="/"), name="roadmapnode_slug_without_slash"
            ),
            models.CheckConstraint(
                condition=Q(minutes=None) | Q(minutes__gte=1), name="roadmapnode_minutes_gte_1"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """The node's page; raises ``NoReverseMatch`` when the site does not include our URLs."""
        return reverse("django_roadmap:node", args=[self.path])

    def natural_key(self) -> tuple[str]:
        return (self.path,)

    @classmethod
    def from_db(cls, *args: Any, **kwargs: Any) -> Any:
        node = super().from_db(*args, **kwargs)
        memory.remember(node)
        return node

    def refresh_from_db(
        self,
        using: str | None = None,
        fields: Iterable[str] | None = None,
        from_queryset: models.QuerySet[Any] | None = None,
    ) -> None:
        names = None if fields is None else set(fields)
        super().refresh_from_db(using, fields, from_queryset)
        memory.remember(self, names)

    def clean(self) -> None:
        """Refuse a place or a slug that the node cannot have, naming the nodes in the way."""
        super().clean()
        rows = plain_rows(RoadmapNode, self._state.db)
        # Read again: a form may have been open while others edited.
        node = rows.filter(pk=self.pk).first() or self
        node.slug = self.slug or node.slug
        parent = None if self.parent_id is None else rows.filter(pk=self.parent_id).first()
        if node._state.adding or self.parent_id != node.parent_id:
            try:
                placing.check_place(node, parent)
            except InvalidMove as error:
                raise ValidationError({"parent": str(error)}) from error
        if self.slug:
            root_slug = None if parent is None else paths.roadmap_slug(parent.path)
            path = paths.node_path(root_slug, self.slug)
            other = rows.filter(path=path).exclude(pk=self.pk).first()
            if other is not None:
                message = _(
                    "The path %(path)s is taken by “%(other)s”. Leave the slug empty for another."
                )
                raise ValidationError({"slug": message % {"path": path, "other": other}})

    def save(
        self,
        *,
        force_insert: Any = False,
        force_update: bool = False,
        using: str | None = None,
        update_fields: Iterable[str] | None = None,
    ) -> None:
        """Insert, or write what the caller changed; see ``placing``.

        Raises mptt's ``InvalidMove`` for a place the node cannot have and ``IntegrityError``
        for a path that is taken; then nothing is written and the instance is as it was.
        """
        using = using or router.db_for_write(type(self), instance=self)
        names = None if update_fields is None else set(update_fields)
        is_new = self.pk is None or self._state.adding or force_insert
        if is_new and not force_update and names is None:
            placing.insert(self, self.parent, using=using)
        elif names is None or names:
            placing.update(self, names, using=using)

    save.alters_data = True  # type: ignore[attr-defined]

    def _save_table(self, *args: Any, **kwargs: Any) -> bool:
        """Take the place between ``pre_save`` and ``post_save``: handlers find the tree whole."""
        with self.__dict__.pop("_in_place", nullcontext)():
            return bool(super()._save_table(*args, **kwargs))  # type: ignore[misc]

    def delete(
        self, using: str | None = None, keep_parents: bool = False
    ) -> tuple[int, dict[str, int]]:
        """Delete this node and all below it; nothing happens when it is gone already."""
        using = using or router.db_for_write(type(self), instance=self)
        return placing.delete(self, using=using, keep_parents=keep_parents)

    delete.alters_data = True  # type: ignore[attr-defined]


class Roadmap(RoadmapNode):
    """The root nodes. ``objects`` finds every node, as mptt's own calls need; use ``roots``."""

    objects = NodeManager()  # type: ignore[misc]
    roots = RootManager()

    class Meta:
        proxy = True
        verbose_name = _("roadmap")
        verbose_name_plural = _("roadmaps")
        default_manager_name = "objects"

    def clean(self) -> None:
        if self.parent_id is not None:
            raise ValidationError({"parent": _("A roadmap is part of nothing.")})
        super().clean()


class ResourceKind(models.TextChoices):
    OFFICIAL = "official", _("Official documentation")
    ARTICLE = "article", _("Article")
    VIDEO = "video", _("Video")
    COURSE = "course", _("Course")
    BOOK = "book", _("Book")
    SOURCE_CODE = "source", _("Source code")
    PODCAST = "podcast", _("Podcast")
    OTHER = "other", _("Other")


class Resource(models.Model):
    """A link on a node: where to learn it."""

    node = models.ForeignKey(
        RoadmapNode, verbose_name=_("node"), on_delete=models.CASCADE, related_name="resources"
    )
    title = models.CharField(_("title"), max_length=200)
    url = models.URLField(
        _("address"),
        max_length=500,
        validators=[
            URLValidator(
                schemes=["http", "https"],
                message=_("Enter an address that begins with https:// or http://."),
            )
        ],
        help_text=_("Where the link leads; it begins with https:// or http://."),
    )
    kind = models.CharField(
        _("kind"), max_length=16, choices=ResourceKind, default=ResourceKind.ARTICLE
    )
    position = models.PositiveIntegerField(
        _("position"), default=0, help_text=_("The resources of a node are listed in this order.")
    )

    objects = ResourceQuerySet.as_manager()

    class Meta:
        verbose_name = _("resource")
        verbose_name_plural = _("resources")
        ordering = ("position", "pk")
        base_manager_name = "objects"
        constraints = [
            models.UniqueConstraint(fields=["node", "url"], name="resource_url_once_a_node"),
            models.CheckConstraint(
                condition=Q(kind__in=ResourceKind.values), name="resource_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(url__istartswith="http://") | Q(url__istartswith="https://"),
                name="resource_url_http",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def save(self, **kwargs: Any) -> None:
        """Save, and give the roadmap a new version; also the one it was in before."""
        using = kwargs.get("using") or router.db_for_write(type(self), instance=self)
        with lock_roadmaps_of(RoadmapNode, using, self._node_ids(using)):
            super().save(**kwargs)

    save.alters_data = True  # type: ignore[attr-defined]

    def delete(self, using: str | None = None, keep_parents: bool = False) -> Any:
        """Delete, and give the roadmap a new version."""
        alias = using or router.db_for_write(type(self), instance=self)
        with lock_roadmaps_of(RoadmapNode, alias, self._node_ids(alias)):
            return super().delete(using, keep_parents)

    delete.alters_data = True  # type: ignore[attr-defined]

    def natural_key(self) -> tuple[str, str]:
        return (*self.node.natural_key(), self.url)

    natural_key.dependencies = ["django_roadmap.roadmapnode"]  # type: ignore[attr-defined]

    def _node_ids(self, using: str) -> set[int]:
        """The node that this instance names, and the one it is on, which may be another."""
        rows = plain_rows(Resource, using).filter(pk=self.pk)
        return {self.node_id, *rows.values_list("node_id", flat=True)}


class State(models.TextChoices):
    """What a learner has done with a topic; where nothing is stored it is still to do."""

    LEARNING = counting.LEARNING, counting.LABELS[counting.LEARNING]
    DONE = counting.DONE, counting.LABELS[counting.DONE]
    SKIPPED = counting.SKIPPED, counting.LABELS[counting.SKIPPED]


class Progress(models.Model):
    """What one account has done with one topic. It hangs on the node's key: moves keep it."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("user"),
        on_delete=models.CASCADE,
        related_name="roadmap_progress",
    )
    node = models.ForeignKey(
        RoadmapNode, verbose_name=_("node"), on_delete=models.CASCADE, related_name="progress"
    )
    state = models.CharField(_("state"), max_length=8, choices=State)
    updated_at = models.DateTimeField(_("last change"), auto_now=True)

    class Meta:
        verbose_name = _("progress")
        verbose_name_plural = _("progress")
        constraints = [
            models.UniqueConstraint(fields=["user", "node"], name="progress_node_once_a_user"),
            models.CheckConstraint(
                condition=Q(state__in=State.values), name="progress_state_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.node}: {self.get_state_display()}"
