"""The environment variables that settings read, and the refusal of names that nothing reads."""

import difflib
import re
from collections.abc import Iterable, Mapping
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured

PREFIX = "MESHMARKET_"
READ_ELSEWHERE = frozenset(
    {
        "MESHMARKET_FIRST_PASSWORD",  # manage.py declare
        "MESHMARKET_DEMO_PASSWORD",  # manage.py seed_demo
        "MESHMARKET_SUPERVISOR_SOCKET",  # demo.settings
        "MESHMARKET_CAUGHT_MAIL",
        "MESHMARKET_REQUIRE_BROWSER",  # the tests
        "MESHMARKET_TEST_SERVER",
        "MESHMARKET_TEST_FOLDER",
        "MESHMARKET_SUPERUSER_PASSWORD",  # docker-compose.yml, which makes addresses of them
        "MESHMARKET_OWNER_PASSWORD",
        "MESHMARKET_WEB_PASSWORD",
        "MESHMARKET_WORKER_PASSWORD",
        "MESHMARKET_SEALER_PASSWORD",
        "MESHMARKET_BASE_IMAGE",
        "MESHMARKET_REQUIREMENTS",
        "MESHMARKET_TOKEN",  # the examples of API calls
    }
)
"""Known names that `marketplace.settings` does not read."""
OF_KUBERNETES = re.compile(r"MESHMARKET_(\w+_)?(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT|PORT_\d+_\w+)")
"""Kubernetes sets these for each service whose name begins with meshmarket."""


class RecordingEnvironment(environ.Env):  # type: ignore[misc]
    """Remembers each name that was read: what a process may be given."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def get_value(self, var: str, *arguments: Any, **options: Any) -> Any:
        self.names.add(var)
        return super().get_value(var, *arguments, **options)


def refuse_unknown_variables(given: Mapping[str, str], read: Iterable[str]) -> None:
    """ImproperlyConfigured that names each variable of ours that nothing reads, with the nearest one that is read."""
    known = READ_ELSEWHERE | set(read)
    unknown = [
        name
        for name in sorted(given)
        if name.startswith(PREFIX) and name not in known and not OF_KUBERNETES.fullmatch(name)
    ]
    if unknown:
        told = " ".join(describe_unknown(name, known) for name in unknown)
        raise ImproperlyConfigured(f"{told} docs/settings.md lists all settings.")


def describe_unknown(name: str, known: Iterable[str]) -> str:
    ours = sorted(one.removeprefix(PREFIX) for one in known if one.startswith(PREFIX))
    nearest = difflib.get_close_matches(name.removeprefix(PREFIX), ours, n=1)
    return f"{name} is not a setting{f': did you mean {PREFIX}{nearest[0]}?' if nearest else '.'}"


MIN_LENGTH = 32
MIN_DISTINCT_CHARACTERS = 8
KNOWN_PREFIXES = ("demo-only", "django-insecure", "change-me", "changeme", "for-this-test")
"""Prefixes of published example keys."""


def check_secret_key(key: str) -> None:
    """ImproperlyConfigured for a key that is short, monotonous or public; Django itself refuses to use an empty one."""
    if not key:
        return
    if key.lower().startswith(KNOWN_PREFIXES):
        raise ImproperlyConfigured("MESHMARKET_SECRET_KEY is an example that everybody knows: make your own.")
    if len(key) < MIN_LENGTH or len(set(key)) < MIN_DISTINCT_CHARACTERS:
        raise ImproperlyConfigured(
            f"MESHMARKET_SECRET_KEY is too easy to guess: at least {MIN_LENGTH} random characters are needed."
        )
