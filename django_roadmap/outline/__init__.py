"""Roadmaps as plain values and as text. Knows no model.

``read`` and ``write`` are all there is to call; each format is a module.
"""

from django_roadmap.outline.formats import CHECKLIST, FORMATS, Format, decode, read, write
from django_roadmap.outline.matching import match
from django_roadmap.outline.problems import OutlineError, Problem
from django_roadmap.outline.values import Link, Outline

__all__ = [
    "CHECKLIST",
    "FORMATS",
    "Format",
    "Link",
    "Outline",
    "OutlineError",
    "Problem",
    "decode",
    "match",
    "read",
    "write",
]
