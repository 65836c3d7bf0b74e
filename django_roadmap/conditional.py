"""Answers to visitors who have the page already: ``ETag``, ``Last-Modified`` and 304."""

from __future__ import annotations

import re
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

DAY = 24 * 60 * 60

TOKEN = re.compile(rb'(name="csrfmiddlewaretoken" value=")[^"]+')
"""Masked anew each time, though one from an earlier visit is as good."""


def answer(
    request: HttpRequest,
    depends_on: Iterable[object] | None,
    changed: datetime | None,
    render: Callable[[], HttpResponse],
) -> HttpResponse:
    """What ``render`` returns, or 304 when the visitor has it already.

    ``depends_on`` is what decides how the page looks, besides who asks and where, and
    ``changed`` when that was last different: then a 304 comes before anything is rendered.
    Where nobody knows what that is, None, the page itself is compared. Browsers keep it and
    ask each time; other caches only what was asked for without a cookie and without an account.
    """
    visitor = _visitor(request)
    is_public = not request.COOKIES and visitor[0] is None
    headers = {}
    # A message is shown once, so the page it is on is nobody's to see again; and under
    # DEBUG templates may change in ways that nothing tells.
    if depends_on is not None and not settings.DEBUG and not len(get_messages(request)):
        look = (list(depends_on), request.scheme, request.get_host(), visitor)
        # Not for ever, since a deployment may bring other translations.
        headers["ETag"] = _etag(repr((look, time.time() // DAY)).encode())
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

    def check(response: HttpResponse) -> HttpResponse:
        # To render may give the visitor a session, or a token for forms, of their own.
        if _visitor(request) != visitor:
            for name in headers:
                del response.headers[name]
            patch_cache_control(response, private=True)
        elif depends_on is None and not settings.DEBUG:
            looks = TOKEN.sub(rb"\1", response.content) + repr(visitor[-1]).encode()
            response.headers.setdefault("ETag", _etag(looks))
            found = get_conditional_response(request, response.headers["ETag"], response=response)
            return found or response
        return response

    if hasattr(response, "add_post_render_callback"):
        response.add_post_render_callback(check)
        return response
    return check(response)


def _etag(content: bytes) -> str:
    return f'"{blake2b(content, digest_size=20).hexdigest()}"'


def _visitor(request: HttpRequest) -> tuple[Any, ...]:
    """What decides who asks: the account, the session, and the token that forms need."""
    user = getattr(request, "user", None)
    session: Any = getattr(request, "session", {})
    return (
        user.pk if user is not None and user.is_authenticated else None,
        sorted(session.items(), key=repr),
        request.META.get("CSRF_COOKIE"),
    )
