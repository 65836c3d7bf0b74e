"""The example project with a theme for its admin, django-admin-interface.

There is no Content-Security-Policy: the theme's styles are inline.
"""

from settings import *  # noqa: F403
from settings import INSTALLED_APPS, MIDDLEWARE

INSTALLED_APPS = ["admin_interface", "colorfield", *INSTALLED_APPS]
MIDDLEWARE = [each for each in MIDDLEWARE if each != "middleware.content_security_policy"]
X_FRAME_OPTIONS = "SAMEORIGIN"
SILENCED_SYSTEM_CHECKS = ["security.W019"]
