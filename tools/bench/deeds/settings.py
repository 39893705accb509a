"""The site's settings and addresses, with the minimal view beside them."""

from marketplace.settings import *  # noqa: F403

ROOT_URLCONF = "tools.bench.deeds.urls"
