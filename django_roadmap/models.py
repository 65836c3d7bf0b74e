"""The tables: nodes, the roadmaps among them, and resources."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator, URLValidator
from django.db import models, router
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from mptt.exceptions import InvalidMove

from django_roadmap import paths
from django_roadmap.managers import NodeManager, ResourceQuerySet, RootManager, lock_roadmaps_of
from django_roadmap.nodes import LockedNode


class RoadmapNode(LockedNode):
    """One place in a roadmap: a level, a section, a topic; a root node is the roadmap itself."""

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

    class Meta(LockedNode.Meta):
        verbose_name = _("node")
        verbose_name_plural = _("nodes")
        # mptt's own index reaches migrations only beside an explicit list.
        indexes = [models.Index(fields=["tree_id", "lft"], name="roadmapnode_tree_id_lft")]
        constraints = [
            models.CheckConstraint(condition=Q(lft__lt=F("rght")), name="roadmapnode_lft_lt_rght"),
            models.CheckConstraint(condition=~Q(path=""), name="roadmapnode_path_not_empty"),
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

    def clean(self) -> None:
        """Refuse a place or a slug that the node cannot have, naming the nodes in the way."""
        super().clean()
        rows = self._rows(self._state.db)
        # Read again: a form may have been open while others edited.
        node = rows.filter(pk=self.pk).first() or self
        parent = self.parent and rows.filter(pk=self.parent_id).first()
        if node._state.adding or self.parent_id != node.parent_id:
            try:
                node.check_place(parent)
            except InvalidMove as error:
                raise ValidationError({"parent": str(error)}) from error
        if self.slug:
            root_slug = None if parent is None else paths.roadmap_slug(parent.path)
            path = paths.node_path(root_slug, self.slug)
            other = rows.filter(path=path).exclude(pk=self.pk).first()
            if other is not None:
                raise ValidationError(
                    {"slug": _("The path %s is taken by “%s”.") % (path, other)}
                )


class Roadmap(RoadmapNode):
    """The root nodes. ``objects`` finds every node, as mptt's own calls need; use ``roots``."""

    objects = NodeManager()
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
        validators=[URLValidator(schemes=["http", "https"])],
        help_text=_("Where the link leads; it begins with https:// or http://."),
    )
    kind = models.CharField(_("kind"), max_length=16, choices=ResourceKind, default=ResourceKind.ARTICLE)
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
        before = models.QuerySet(Resource, using=using).filter(pk=self.pk)
        node_ids = {self.node_id, *before.values_list("node_id", flat=True)}
        with lock_roadmaps_of(RoadmapNode, using, node_ids):
            super().save(**kwargs)

    save.alters_data = True  # type: ignore[attr-defined]

    def delete(self, using: str | None = None, keep_parents: bool = False) -> Any:
        """Delete, and give the roadmap a new version."""
        alias = using or router.db_for_write(type(self), instance=self)
        with lock_roadmaps_of(RoadmapNode, alias, {self.node_id}):
            return super().delete(using, keep_parents)

    delete.alters_data = True  # type: ignore[attr-defined]
