"""Somebody with a browser that runs no script, on a site that checks tokens."""

from contextlib import contextmanager
from urllib.parse import urldefrag

from django.contrib.auth.models import User
from django.middleware.csrf import CsrfViewMiddleware
from django.test import Client
from django.test.utils import override_settings
from pages import Page

TOKEN = "csrfmiddlewaretoken"
ELSEWHERE = f"{__name__}.signed_in_elsewhere"
NOTE = "Your marks are kept in this browser."


class Visitor:
    """``page`` is the last one that was seen, ``place`` where on it."""

    def __init__(self, name=None):
        self.client = Client(enforce_csrf_checks=True)
        self.user = None
        if name:
            self.user = User.objects.get_or_create(username=name)[0]
            self.client.force_login(self.user)

    def see(self, url, status=200):
        return self.read(self.client.get(url), url, status)

    def read(self, response, url="", status=200):
        assert response.status_code == status
        self.page, self.place = Page(response.content.decode()), urldefrag(url).fragment
        return self.page

    def press(self, **attributes):
        """Send the form of a button on the page, and nothing but that."""
        form, button = button_of(self.page, **attributes)
        send = getattr(self.client, form.attributes["method"])
        return send(form.attributes["action"], fields(self.page, form, button))

    def send(self, values, method="post", **headers):
        """Past the forms, with a token."""
        self.client.cookies["csrftoken"] = "a" * 32
        values = {TOKEN: "a" * 32, **values}
        return getattr(self.client, method)("/roadmaps/~mark/", values, headers=headers)

    def mark(self, path, state, **values):
        return self.send({"mark": f"{state} {path}", **values})

    def go_on(self, response):
        """Go where the answer leads."""
        assert response.status_code == 302
        return self.see(response["Location"])

    @property
    def cookies(self):
        return {name for name, cookie in self.client.cookies.items() if cookie.value}


def inside(page, element):
    """The elements inside one; what is in a template is no part of the page."""
    found = page.elements[element.index + 1 : element.stop]
    templates = [other for other in found if other.tag == "template"]
    return [other for other in found if not any(t.index < other.index < t.stop for t in templates)]


def forms(page):
    return page.all("form", method="post")


def buttons(page, **attributes):
    """The buttons of all forms, by what they send."""
    return [
        (form, button)
        for form in forms(page)
        for button in inside(page, form)
        if button.tag == "button" and attributes.items() <= button.attributes.items()
    ]


def button_of(page, **attributes):
    [found] = buttons(page, **attributes)
    return found


def fields(page, form, button):
    inputs = [element.attributes for element in inside(page, form) if element.tag == "input"]
    sent = {field["name"]: field["value"] for field in inputs}
    return sent | {button.attributes["name"]: button.attributes["value"]}


def signed_in_elsewhere(get_response):
    """A middleware: another server says who somebody is, and there are no sessions."""

    def answer(request):
        name = request.headers.get("X-User")
        if name:
            request.user = User.objects.get(username=name)
        return get_response(request)

    return answer


@contextmanager
def site_of(*middleware):
    with override_settings(MIDDLEWARE=list(middleware)):
        yield


CSRF = f"{CsrfViewMiddleware.__module__}.{CsrfViewMiddleware.__qualname__}"
