"""``{% load django_roadmap %}``: thin tags over the functions that Python calls."""

from __future__ import annotations

from django import template
from django.template import Context
from django.utils.safestring import SafeString

from django_roadmap import drawing, rendering, summaries
from django_roadmap.editions import FIRST

register = template.Library()


@register.simple_tag(takes_context=True)
def roadmap_tree(
    context: Context,
    node: object = FIRST,
    depth: int | None = None,
    numbered: bool | None = None,
    assets: bool = True,
) -> SafeString:
    """``{% roadmap_tree "django" depth=2 numbered=True assets=False %}``"""
    request = context.get("request")
    return rendering.roadmap_tree(
        node, depth=depth, numbered=numbered, assets=assets, request=request
    )


@register.simple_tag(takes_context=True)
def roadmap_table(
    context: Context, node: object = FIRST, numbered: bool | None = None, assets: bool = True
) -> SafeString:
    """``{% roadmap_table "django-step-by-step" numbered=True assets=False %}``"""
    request = context.get("request")
    return rendering.roadmap_table(node, numbered=numbered, assets=assets, request=request)


@register.simple_tag(takes_context=True)
def roadmap_progress(context: Context, node: object = FIRST, assets: bool = True) -> SafeString:
    """``{% roadmap_progress "django" assets=False %}``"""
    return summaries.roadmap_progress(node, assets=assets, request=context.get("request"))


@register.simple_tag(takes_context=True)
def roadmap_next(context: Context, node: object = FIRST, assets: bool = True) -> SafeString:
    """``{% roadmap_next "django" assets=False %}``"""
    return summaries.roadmap_next(node, assets=assets, request=context.get("request"))


@register.simple_tag(takes_context=True)
def roadmap_map(
    context: Context, node: object = FIRST, depth: int | None = None, assets: bool = True
) -> SafeString:
    """``{% roadmap_map "django" depth=2 assets=False %}``"""
    request = context.get("request")
    return drawing.roadmap_map(node, depth=depth, assets=assets, request=request)
