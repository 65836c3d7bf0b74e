"""A tag that prints nothing and notes each time that it is rendered."""

from django import template

register = template.Library()

rendered = []


@register.simple_tag
def note(what=""):
    rendered.append(what)
    return ""
