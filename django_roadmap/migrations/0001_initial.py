import django.core.validators
import django.db.models.deletion
import mptt.fields
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="RoadmapNode",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("title", models.CharField(max_length=200, verbose_name="title")),
                (
                    "slug",
                    models.SlugField(
                        allow_unicode=True,
                        blank=True,
                        db_index=False,
                        help_text="The last part of the node's address. Left empty, it is made from the title.",
                        max_length=120,
                        verbose_name="slug",
                    ),
                ),
                (
                    "path",
                    models.CharField(
                        editable=False,
                        help_text="The roadmap's slug, a slash and the node's own slug.",
                        max_length=255,
                        unique=True,
                        verbose_name="path",
                    ),
                ),
                (
                    "summary",
                    models.CharField(
                        blank=True,
                        help_text="One plain sentence, shown in trees and tables.",
                        max_length=300,
                        verbose_name="summary",
                    ),
                ),
                (
                    "description",
                    models.TextField(
                        blank=True,
                        help_text="Markdown, shown on the node's own page. A link to roadmap:some/path leads to a node.",
                        verbose_name="description",
                    ),
                ),
                (
                    "is_published",
                    models.BooleanField(
                        default=True,
                        help_text="An unpublished node is hidden together with everything below it.",
                        verbose_name="published",
                    ),
                ),
                (
                    "is_optional",
                    models.BooleanField(
                        default=False,
                        help_text="An optional node counts nowhere, and nor does anything below it.",
                        verbose_name="optional",
                    ),
                ),
                (
                    "minutes",
                    models.PositiveIntegerField(
                        blank=True,
                        help_text="How many minutes of work this takes. Left empty, it is unknown.",
                        null=True,
                        validators=[django.core.validators.MinValueValidator(1)],
                        verbose_name="minutes",
                    ),
                ),
                (
                    "position",
                    models.PositiveIntegerField(
                        default=0,
                        help_text="Roadmaps are listed in this order. A new one with 0 goes last.",
                        verbose_name="position",
                    ),
                ),
                (
                    "version",
                    models.CharField(
                        blank=True, editable=False, max_length=32, verbose_name="version"
                    ),
                ),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="last change")),
                ("tree_id", models.PositiveIntegerField(editable=False)),
                ("lft", models.PositiveIntegerField(editable=False)),
                ("rght", models.PositiveIntegerField(editable=False)),
                ("level", models.PositiveIntegerField(editable=False, verbose_name="depth")),
                (
                    "parent",
                    mptt.fields.TreeForeignKey(
                        blank=True,
                        help_text="The node that this one is part of.",
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="children",
                        to="django_roadmap.roadmapnode",
                        verbose_name="parent",
                    ),
                ),
                (
                    "prerequisites",
                    models.ManyToManyField(
                        blank=True,
                        help_text="Nodes of the same roadmap that are good to know first. They lock nothing.",
                        related_name="dependents",
                        to="django_roadmap.roadmapnode",
                        verbose_name="prerequisites",
                    ),
                ),
            ],
            options={
                "verbose_name": "node",
                "verbose_name_plural": "nodes",
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="Resource",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("title", models.CharField(max_length=200, verbose_name="title")),
                (
                    "url",
                    models.URLField(
                        help_text="Where the link leads; it begins with https:// or http://.",
                        max_length=500,
                        validators=[
                            django.core.validators.URLValidator(
                                message="Enter an address that begins with https:// or http://.",
                                schemes=["http", "https"],
                            )
                        ],
                        verbose_name="address",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("official", "Official documentation"),
                            ("article", "Article"),
                            ("video", "Video"),
                            ("course", "Course"),
                            ("book", "Book"),
                            ("source", "Source code"),
                            ("podcast", "Podcast"),
                            ("other", "Other"),
                        ],
                        default="article",
                        max_length=16,
                        verbose_name="kind",
                    ),
                ),
                (
                    "position",
                    models.PositiveIntegerField(
                        default=0,
                        help_text="The resources of a node are listed in this order.",
                        verbose_name="position",
                    ),
                ),
                (
                    "node",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="resources",
                        to="django_roadmap.roadmapnode",
                        verbose_name="node",
                    ),
                ),
            ],
            options={
                "verbose_name": "resource",
                "verbose_name_plural": "resources",
                "ordering": ("position", "pk"),
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="Progress",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("learning", "Learning"),
                            ("done", "Done"),
                            ("skipped", "Skipped"),
                        ],
                        max_length=8,
                        verbose_name="state",
                    ),
                ),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="last change")),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="roadmap_progress",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="user",
                    ),
                ),
                (
                    "node",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="progress",
                        to="django_roadmap.roadmapnode",
                        verbose_name="node",
                    ),
                ),
            ],
            options={
                "verbose_name": "progress",
                "verbose_name_plural": "progress",
            },
        ),
        migrations.CreateModel(
            name="Roadmap",
            fields=[],
            options={
                "verbose_name": "roadmap",
                "verbose_name_plural": "roadmaps",
                "proxy": True,
                "default_manager_name": "objects",
                "indexes": [],
                "constraints": [],
            },
            bases=("django_roadmap.roadmapnode",),
        ),
        migrations.AddIndex(
            model_name="roadmapnode",
            index=models.Index(fields=["tree_id", "lft"], name="roadmapnode_tree_order"),
        ),
        migrations.AddIndex(
            model_name="roadmapnode",
            index=models.Index(
                fields=["tree_id", "is_published", "lft"], name="roadmapnode_hidden_in_tree"
            ),
        ),
        migrations.AddConstraint(
            model_name="roadmapnode",
            constraint=models.CheckConstraint(
                condition=models.Q(("lft__lt", models.F("rght"))), name="roadmapnode_lft_lt_rght"
            ),
        ),
        migrations.AddConstraint(
            model_name="roadmapnode",
            constraint=models.CheckConstraint(
                condition=models.Q(("slug__contains", "/"), _negated=True),
                name="roadmapnode_slug_without_slash",
            ),
        ),
        migrations.AddConstraint(
            model_name="roadmapnode",
            constraint=models.CheckConstraint(
                condition=models.Q(("minutes", None), ("minutes__gte", 1), _connector="OR"),
                name="roadmapnode_minutes_gte_1",
            ),
        ),
        migrations.AddConstraint(
            model_name="resource",
            constraint=models.UniqueConstraint(
                fields=("node", "url"), name="resource_url_once_a_node"
            ),
        ),
        migrations.AddConstraint(
            model_name="resource",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "kind__in",
                        [
                            "official",
                            "article",
                            "video",
                            "course",
                            "book",
                            "source",
                            "podcast",
                            "other",
                        ],
                    )
                ),
                name="resource_kind_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="resource",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("url__istartswith", "http://"),
                    ("url__istartswith", "https://"),
                    _connector="OR",
                ),
                name="resource_url_http",
            ),
        ),
        migrations.AddConstraint(
            model_name="progress",
            constraint=models.UniqueConstraint(
                fields=("user", "node"), name="progress_node_once_a_user"
            ),
        ),
        migrations.AddConstraint(
            model_name="progress",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["learning", "done", "skipped"])),
                name="progress_state_known",
            ),
        ),
    ]
