"""The demo's and the tests' settings: the same code, quicker scans, its own pages on top."""

import os
import secrets

DEFAULTS = {
    # Another one for each run; its children inherit it. The demo keeps its own in its state.
    "MESHMARKET_SECRET_KEY": secrets.token_urlsafe(40),
    "MESHMARKET_SECURE_COOKIES": "false",
    "MESHMARKET_SCAN_EVERY": "15",
    "MESHMARKET_CLAIM_EVERY": "0.25",
    "MESHMARKET_SWEEP_EVERY": "1",
    "MESHMARKET_HOUSEKEEPING_EVERY": "5",
    "MESHMARKET_TRAIL_EVERY": "5",
    "MESHMARKET_QUERY_HISTORY_EVERY": "10",
    "MESHMARKET_QUERY_HISTORY_DELAY": "0",
    "MESHMARKET_FRESHNESS_EVERY": "120",
    "MESHMARKET_SEARCH_ALERT_EVERY": "5",
    "MESHMARKET_CALLS_PER_SECOND": "50",
    "MESHMARKET_BURST": "50",
    "MESHMARKET_READS_PER_SECOND": "1000",
    "MESHMARKET_READ_BURST": "1000",
    "MESHMARKET_CALL_DEADLINE": "6",
    "MESHMARKET_LEASE": "9",
    "MESHMARKET_SETTLE": "2",
    "MESHMARKET_VISIBILITY_DELAY": "1",
}
DEFAULTED_VARIABLES = frozenset(DEFAULTS) - frozenset(os.environ)
"""Names that the caller's environment lacked: their values are the demo's, and none for a site of another kind."""
for name in DEFAULTED_VARIABLES:
    os.environ[name] = DEFAULTS[name]

from marketplace.settings import *  # noqa: E402, F403 - it reads what was set above
from marketplace.settings import INSTALLED_APPS  # noqa: E402

INSTALLED_APPS = [*INSTALLED_APPS, "demo", "tools"]
ROOT_URLCONF = "demo.urls"
CLOCK_MAY_ADVANCE = True
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
STATIC_ROOT = None  # files are served where they lie; nothing is collected
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True  # a changed file is served whole at once
PASSWORD_HASHERS = ["demo.password_hasher.FastPasswordHasher"]
SUPERVISOR_SOCKET = os.environ.get("MESHMARKET_SUPERVISOR_SOCKET", "")
CAUGHT_MAIL = os.environ.get("MESHMARKET_CAUGHT_MAIL", "")
