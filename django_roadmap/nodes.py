"""A tree node whose every write takes its roadmap's lock: mptt's calls, made safe.

mptt trusts the instances it is given and writes all of their fields; two editors, or one
with an instance from a minute ago, corrupt its tree that way. Here each write locks, reads
again, and writes only what the caller changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import models, router
from django.db.models import Max, Value
from django.db.models.functions import Concat
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from mptt.exceptions import InvalidMove
from mptt.managers import TreeManager
from mptt.models import MPTTModel, TreeForeignKey

from django_roadmap import locking, paths
from django_roadmap.managers import DERIVED_FIELDS, MAX_LEVELS, TREE_FIELDS, NodeManager


class LockedNode(MPTTModel):  # type: ignore[misc]
    """What a roadmap's nodes need to be a tree with paths, and to stay one.

    ``save()`` inserts a new node as the last child of its ``parent``, or as a roadmap; of an
    existing one it writes the caller's own fields, moves it when the instance was given a new
    parent and renames it when it was given a new slug. Tree columns, ``path`` and ``version``
    are never written from memory. When a write fails, rows and instance are as they were.
    """

    parent = TreeForeignKey(
        "self",
        verbose_name=gettext_lazy("parent"),
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="children",
        help_text=gettext_lazy("The node that this one is part of."),
    )
    title = models.CharField(gettext_lazy("title"), max_length=200)
    slug = models.SlugField(
        gettext_lazy("slug"),
        max_length=paths.SLUG_MAX_LENGTH,
        allow_unicode=True,
        blank=True,
        db_index=False,
        help_text=gettext_lazy(
            "The last part of the node's address. Left empty, it is made from the title."
        ),
    )
    path = models.CharField(
        gettext_lazy("path"),
        max_length=paths.PATH_MAX_LENGTH,
        unique=True,
        editable=False,
        help_text=gettext_lazy("The roadmap's slug, a slash and the node's own slug."),
    )
    position = models.PositiveIntegerField(
        gettext_lazy("position"),
        default=0,
        help_text=gettext_lazy("Roadmaps are listed in this order. A new one with 0 goes last."),
    )
    version = models.CharField(gettext_lazy("version"), max_length=32, blank=True, editable=False)
    updated_at = models.DateTimeField(gettext_lazy("last change"), auto_now=True)
    tree_id = models.PositiveIntegerField(editable=False)
    lft = models.PositiveIntegerField(editable=False)
    rght = models.PositiveIntegerField(editable=False)
    level = models.PositiveIntegerField(editable=False)

    objects = NodeManager()

    class Meta:
        abstract = True
        base_manager_name = "objects"

    def save(
        self,
        *,
        force_insert: Any = False,
        force_update: bool = False,
        using: str | None = None,
        update_fields: Iterable[str] | None = None,
    ) -> None:
        """Insert, or write what the caller changed.

        Raises mptt's ``InvalidMove`` for a place the node cannot have and ``IntegrityError``
        for a path that is taken.
        """
        using = using or router.db_for_write(type(self), instance=self)
        if self.pk is None or self._state.adding:
            self.insert(self.parent, using=using, force_insert=force_insert)
        else:
            self._update(using, None if update_fields is None else set(update_fields))

    save.alters_data = True  # type: ignore[attr-defined]

    def delete(
        self, using: str | None = None, keep_parents: bool = False
    ) -> tuple[int, dict[str, int]]:
        """Delete this node and all below it; nothing happens when it is gone already."""
        using = using or router.db_for_write(type(self), instance=self)
        with self._as_it_was_on_error():
            seen = [(self.pk, self.tree_id)]
            with locking.lock_nodes(self._concrete(), using, seen) as (current,):
                if current is None and self.pk is not None:
                    return 0, {}
                self._state.db = using
                deleted: tuple[int, dict[str, int]] = super().delete(using, keep_parents)
        return deleted

    delete.alters_data = True  # type: ignore[attr-defined]

    def insert(
        self,
        target: LockedNode | None,
        position: str = "last-child",
        *,
        using: str,
        force_insert: Any = False,
    ) -> None:
        """Write this new node at a position relative to ``target``; as a roadmap without one."""
        with self._as_it_was_on_error():
            self._state.db = using
            if target is None:
                self._insert_root(using, force_insert)
            else:
                self._insert_below(target, position, using, force_insert)

    def check_place(self, parent: LockedNode | None) -> None:
        """Raise ``InvalidMove``, naming the nodes, when this node must not be below ``parent``.

        Both must have been read just now: it is their tree columns that are compared.
        """
        height = 0
        if not self._state.adding:
            if (parent is None) != (self.level == 0):
                raise InvalidMove(
                    _("“%s” cannot change between a roadmap and a node in one.") % self
                )
            rows = self._rows(self._state.db).filter(tree_id=self.tree_id)
            if (
                parent is not None
                and parent.tree_id == self.tree_id
                and self.lft <= parent.lft <= self.rght
            ):
                raise InvalidMove(
                    _("“%(node)s” cannot be part of “%(parent)s”, which is part of it.")
                    % {"node": self, "parent": parent}
                )
            below = rows.filter(lft__gt=self.lft, rght__lt=self.rght)
            height = (below.aggregate(last=Max("level"))["last"] or self.level) - self.level
        levels = 1 + height + (0 if parent is None else parent.level + 1)
        if parent is not None and levels > MAX_LEVELS:
            raise InvalidMove(
                _("Below “%(parent)s”, “%(node)s” would reach level %(levels)d; %(most)d is most.")
                % {"parent": parent, "node": self, "levels": levels, "most": MAX_LEVELS}
            )

    def rename_below(self, root_slug: str, using: str) -> None:
        """Give the nodes of this branch, all but a root itself, the paths of ``root_slug``."""
        path = Concat(Value(f"{root_slug}/"), "slug", output_field=models.CharField())
        self._rows(using).filter(
            tree_id=self.tree_id, lft__gte=self.lft, rght__lte=self.rght, level__gt=0
        ).update(path=path)

    def adopt(self, fresh: LockedNode) -> None:
        """Take over from a copy read under the lock what this instance must not decide."""
        if self.parent_id != fresh.parent_id:
            self.parent_id = fresh.parent_id
        for name in (*TREE_FIELDS, "slug", "path", "version"):
            setattr(self, name, getattr(fresh, name))
        self._mptt_cached_fields["parent"] = fresh.parent_id

    def _insert_root(self, using: str, force_insert: Any) -> None:
        """A roadmap's tree gets the root's primary key, which no other process can be given."""
        rows = self._rows(using)
        with locking.lock(self._concrete(), using, ()):
            self._name(None, using)
            self.version = locking.new_version()
            if not self.position:
                last = rows.filter(parent=None).aggregate(last=Max("position"))["last"]
                self.position = (last or 0) + 1
            self.tree_id, self.lft, self.rght, self.level = 0, 1, 2, 0
            super().save(force_insert=force_insert or True, using=using)
            self.tree_id = self.pk
            if rows.filter(tree_id=self.tree_id).exists():
                self.tree_id = rows.aggregate(last=Max("tree_id"))["last"] + 1
            rows.filter(pk=self.pk).update(tree_id=self.tree_id)

    def _insert_below(
        self, target: LockedNode, position: str, using: str, force_insert: Any
    ) -> None:
        seen = [(target.pk, target.tree_id)]
        with locking.lock_nodes(self._concrete(), using, seen) as (place,):
            if place is None:
                raise InvalidMove(_("“%s” is no longer there.") % target)
            beside = position in ("left", "right")
            parent = place.parent if beside else place
            if parent is None:
                raise InvalidMove(
                    _("“%(node)s” cannot stand beside the roadmap “%(target)s”, only in one.")
                    % {"node": self, "target": target}
                )
            self._state.adding = True
            self.check_place(parent)
            self._name(paths.roadmap_slug(place.path), using)
            TreeManager.insert_node(
                type(self)._tree_manager.db_manager(using),
                self,
                place,
                position,
                allow_existing_pk=True,
                refresh_target=False,
            )
            self.parent = parent if beside else target
            super().save(force_insert=force_insert or True, using=using)
            if not beside:
                # So that the caller's own objects see their new child without a query.
                target.rght = place.rght
                for ancestor in list(target._cached_way_up())[1:]:
                    ancestor.rght += 2

    def _update(self, using: str, update_fields: set[str] | None) -> None:
        every = update_fields is None
        parent_set = self.parent_id != self._mptt_cached_fields["parent"]
        slug_set = self.slug != paths.own_slug(self.path)
        moves = parent_set and (every or bool(update_fields & {"parent", "parent_id"}))
        renames = slug_set and (every or "slug" in update_fields)
        with self._as_it_was_on_error():
            parent, slug = (self.parent if parent_set else None), self.slug
            seen = [(self.pk, self.tree_id)]
            if moves and parent is not None:
                seen.append((parent.pk, parent.tree_id))
            with locking.lock_nodes(self._concrete(), using, seen) as (current, *_parent):
                fields = self._own_fields(update_fields)
                if current is not None:
                    self.adopt(current)
                    if moves:
                        self._move_below(parent)
                    if renames:
                        self.slug = slug
                        self._rename(using)
                        fields |= {"slug", "path"}
                super().save(using=using, update_fields=fields)
            if slug_set and not renames:
                self.slug = slug
            if parent_set and not moves:
                self.parent = parent

    def _move_below(self, parent: LockedNode | None) -> None:
        if parent is None:
            self.check_place(parent)
        elif parent.pk != self.parent_id:
            self.move_to(parent, "last-child")
            self.parent = parent

    def _rename(self, using: str) -> None:
        root_slug = None if self.parent_id is None else paths.roadmap_slug(self.path)
        self._name(root_slug, using)
        if root_slug is None:
            self.rename_below(self.path, using)

    def _name(self, root_slug: str | None, using: str) -> None:
        """Set the path; a slug that is made here is numbered when taken, a given one never."""
        if not self.slug:
            others = self._rows(using).exclude(pk=self.pk)
            slug = paths.slug_from(self.title)
            if not slug or others.filter(path=paths.node_path(root_slug, slug)).exists():
                like = others.filter(path__istartswith=paths.node_path(root_slug, slug or "node"))
                slug = paths.numbered(slug, set(like.values_list("slug", flat=True)))
            self.slug = slug
        self.path = paths.node_path(root_slug, self.slug)

    def _own_fields(self, update_fields: set[str] | None) -> set[str]:
        if update_fields is None:
            deferred = self.get_deferred_fields()
            update_fields = {
                field.name
                for field in self._meta.concrete_fields
                if not field.primary_key and field.attname not in deferred
            }
        return (update_fields - DERIVED_FIELDS) | {"updated_at"}

    def _cached_way_up(self) -> Iterator[LockedNode]:
        node: LockedNode | None = self
        while node is not None:
            yield node
            node = node._state.fields_cache.get("parent")

    @contextmanager
    def _as_it_was_on_error(self) -> Iterator[None]:
        before = []
        for node in self._cached_way_up():
            values = {**node.__dict__, "_mptt_cached_fields": {**node._mptt_cached_fields}}
            state = {**node._state.__dict__, "fields_cache": {**node._state.fields_cache}}
            before.append((node, values, state))
        try:
            yield
        except BaseException:
            for node, values, state in before:
                node.__dict__.clear()
                node.__dict__.update(values)
                node._state.__dict__.update(state)
            raise

    @classmethod
    def _concrete(cls) -> type[models.Model]:
        model: type[models.Model] = cls._meta.concrete_model
        return model

    def _rows(self, using: str | None) -> models.QuerySet[Any]:
        """All rows, without mptt's ordering and without our guards."""
        return models.QuerySet(self._concrete(), using=using)
