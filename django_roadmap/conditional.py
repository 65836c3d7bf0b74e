"""Answers to visitors who have the page already: ``ETag``, ``Last-Modified`` and 304."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from datetime import datetime
from hashlib import blake2b
from typing import Any

from django.conf import settings
from django.contrib.messages import get_messages
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_cache_control, patch_vary_headers
from django.utils.http import http_date, parse_http_date

STARTED = time.time()
"""Templates, translations and static files change with a restart."""


def answer(
    request: HttpRequest,
    depends_on: Iterable[object],
    changed: datetime | None,
    render: Callable[[], HttpResponse],
) -> HttpResponse:
    """What ``render`` returns, or 304 when the visitor has it already.

    ``depends_on`` is what decides how the page looks, besides who asks and where; ``changed``
    when that was last different. Browsers keep the page and ask each time; other caches do so
    only where no cookie and nobody signed in came with the request, and only there a time is
    given: of who asks, and of marks taken back, it knows nothing.
    """
    visitor = _visitor(request)
    is_public = not request.COOKIES and not visitor[0]
    headers = {}
    # A message is shown once, so the page it is on is nobody's to see again; and under
    # DEBUG templates may change in ways that nothing tells.
    if not settings.DEBUG and not len(get_messages(request)):
        look = repr((list(depends_on), request.scheme, request.get_host(), visitor))
        headers["ETag"] = f'"{blake2b(look.encode(), digest_size=20).hexdigest()}"'
        # Of two edits in one second, the page may show the first.
        if is_public and changed and (timezone.now() - changed).total_seconds() > 1:
            headers["Last-Modified"] = http_date(max(changed.timestamp(), STARTED))
    kept = None
    if headers:
        seconds = parse_http_date(headers["Last-Modified"]) if "Last-Modified" in headers else None
        kept = get_conditional_response(request, headers["ETag"], seconds)
    response = kept or render()
    for name, value in headers.items():
        response.headers.setdefault(name, value)
    patch_vary_headers(response, ["Cookie"])
    patch_cache_control(response, no_cache=True, **({} if is_public else {"private": True}))

    def check(response: HttpResponse) -> None:
        # To render may give the visitor a session, or a token for forms, of their own.
        if _visitor(request) != visitor:
            for name in headers:
                del response.headers[name]
            patch_cache_control(response, private=True)

    add_callback = getattr(response, "add_post_render_callback", None)
    if add_callback:
        add_callback(check)
    else:
        check(response)
    return response


def _visitor(request: HttpRequest) -> tuple[Any, ...]:
    """All that the request says of who asks: first the user's own data, empty without one."""
    user = getattr(request, "user", None)
    fields: Any = ()
    if user is not None and user.is_authenticated:
        columns = getattr(user, "_meta", None) and user._meta.concrete_fields
        fields = [getattr(user, column.attname) for column in columns or ()] or [user.pk]
    session: Any = getattr(request, "session", {})
    cookies = sorted(request.COOKIES.items())
    return fields, sorted(session.items(), key=repr), cookies, request.META.get("CSRF_COOKIE")
