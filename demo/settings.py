"""The demo's and the tests' settings: the same code, quicker scans, its own pages on top."""

import os

os.environ.setdefault("MESHMARKET_SECRET_KEY", "demo-only")
os.environ.setdefault("MESHMARKET_SECURE_COOKIES", "false")
os.environ.setdefault("MESHMARKET_SCAN_EVERY", "1")
os.environ.setdefault("MESHMARKET_SWEEP_EVERY", "0.25")
os.environ.setdefault("MESHMARKET_CALLS_PER_SECOND", "50")
os.environ.setdefault("MESHMARKET_BURST", "50")
os.environ.setdefault("MESHMARKET_CALL_DEADLINE", "6")
os.environ.setdefault("MESHMARKET_LEASE", "9")
os.environ.setdefault("MESHMARKET_SETTLE", "2")
os.environ.setdefault("MESHMARKET_VISIBILITY_DELAY", "0.2")

from marketplace.settings import *  # noqa: F403
from marketplace.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "demo"]
ROOT_URLCONF = "demo.urls"
CLOCK_MAY_ADVANCE = True
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
STATIC_ROOT = None  # files are served where they lie; nothing is collected
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True  # a changed file is served whole at once
PASSWORD_HASHERS = ["demo.hashing.QuickHasher"]
SUPERVISOR_SOCKET = os.environ.get("MESHMARKET_SUPERVISOR_SOCKET", "")
