"""The admin: a list of roadmaps, an editor for the tree of each, and who has learned what.

To change what a page does, derive from the class, and register yours in its place::

    admin.site.unregister(RoadmapNode)

    @admin.register(RoadmapNode)
    class MyNodeAdmin(RoadmapNodeAdmin):
        ...
"""

from django.contrib import admin

from django_roadmap.admin.learners import ProgressAdmin
from django_roadmap.admin.nodes import RoadmapNodeAdmin
from django_roadmap.admin.roadmaps import RoadmapAdmin
from django_roadmap.models import Progress, Roadmap, RoadmapNode

__all__ = ["ProgressAdmin", "RoadmapAdmin", "RoadmapNodeAdmin"]

admin.site.register(Roadmap, RoadmapAdmin)
admin.site.register(RoadmapNode, RoadmapNodeAdmin)
admin.site.register(Progress, ProgressAdmin)
