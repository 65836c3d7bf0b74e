"""What the marks of such an account are, on a database of its own: a line of JSON."""

import json
import sys

import django
from django.conf import settings


def site():
    """The settings of the tests, without what needs accounts of Django's own kind."""
    import settings as given

    values = {name: getattr(given, name) for name in dir(given) if name.isupper()}
    values["AUTH_USER_MODEL"] = "members.Member"
    values["INSTALLED_APPS"] = [
        *(app for app in given.INSTALLED_APPS if app != "django.contrib.admin"),
        "members",
    ]
    values["ROOT_URLCONF"] = "django_roadmap.urls"
    values["DATABASES"] = {"default": given.DATABASES["default"]}
    values["DATABASES"]["default"]["TEST"]["NAME"] = sys.argv[1]
    return values


def marks_of_a_member():
    from django.contrib.auth import get_user_model, login
    from django.contrib.auth.models import AnonymousUser
    from django.contrib.sessions.backends.db import SessionStore
    from django.db import router
    from django.test import RequestFactory

    from django_roadmap.models import Progress
    from django_roadmap.progress import Learner

    ann, bob = (get_user_model().objects.create(email=f"{n}@example.org") for n in ("ann", "bob"))
    learner = Learner.of_user(ann)
    learner.mark("django/css", "done")
    learner.mark("django/css", "learning")
    learner.mark("django/html", "done")
    learner.mark("django/html", "pending")
    Learner.of_user(bob).mark("django/html", "skipped")
    request = RequestFactory().get("/")
    request.session, request.user = SessionStore(), AnonymousUser()
    Learner.of(request).mark("django/css", "done")
    Learner.of(request).mark("django/middleware", "learning")
    login(request, ann, "django.contrib.auth.backends.ModelBackend")
    export = learner.export(router.db_for_read(Progress))
    rows = Progress.objects.filter(user=ann).values_list("node__path", "state")
    return {
        "key": type(ann.pk).__name__,
        "rows": dict(rows),
        "exported": {row["path"]: row["state"] for row in export},
        "done": Learner.of(request).progress("django").done,
        "removed": learner.reset("django"),
        "left": list(Progress.objects.values_list("user__email", "state")),
    }


if __name__ == "__main__":
    settings.configure(**site())
    django.setup()
    from django.db import connection

    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    try:
        print(json.dumps(marks_of_a_member()))  # noqa: T201
    finally:
        connection.creation.destroy_test_db(sys.argv[1], verbosity=0)
