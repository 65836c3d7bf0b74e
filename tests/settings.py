"""A site with nothing but what the tests need, on the database that DATABASE names."""

import os
import tempfile

DATABASE = os.environ.get("DATABASE", "sqlite")
# Each server has a database of the name given here; the tests create their own beside it.
engine, name, user, charset = {
    "sqlite": ("sqlite3", ":memory:", "", ""),
    "postgres": ("postgresql", "postgres", "postgres", "UTF8"),
    "mariadb": ("mysql", "mysql", "root", "utf8mb4"),
}[DATABASE]
# Environments of tox may use one server at the same time.
suffix = os.environ.get("TOX_ENV_NAME", "local")

DATABASES = {
    alias: {
        "ENGINE": f"django.db.backends.{engine}",
        "NAME": name,
        "HOST": os.environ.get(f"{DATABASE.upper()}_HOST", "127.0.0.1"),
        "PORT": os.environ.get(f"{DATABASE.upper()}_PORT", ""),
        "USER": os.environ.get(f"{DATABASE.upper()}_USER", user),
        "PASSWORD": os.environ.get(f"{DATABASE.upper()}_PASSWORD", ""),
        "TEST": {"NAME": f"test_{alias}_{suffix}", "CHARSET": charset},
    }
    for alias in ("default", "other")
}
if DATABASE == "sqlite":
    # Threads wait for each other on a file; on a shared in-memory database they fail at once.
    stem = f"{tempfile.gettempdir()}/django-roadmap-{os.getpid()}"
    for alias, database in DATABASES.items():
        database["OPTIONS"] = {"timeout": 20, "transaction_mode": "IMMEDIATE"}
        database["TEST"] = {"NAME": f"{stem}-{alias}.sqlite3"}

SECRET_KEY = "only for tests"
ROOT_URLCONF = "urls"
STATIC_URL = "static/"
USE_TZ = True
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.sitemaps",
    "django.contrib.staticfiles",
    "mptt",
    "django_roadmap",
    "neighbour",
]

MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [],
        "APP_DIRS": False,
    },
]
