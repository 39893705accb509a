"""Django's cache: shared by all processes through Valkey or Redis, else one in each process."""

from typing import Any

from redis.backoff import NoBackoff
from redis.retry import Retry

ANSWER_SECONDS = 0.25
MOST_IN_MEMORY = 100_000


def cache_of(address: str) -> dict[str, Any]:
    """The entry of `CACHES`. Nothing is tried again: whoever asks the cache goes on without it."""
    if not address:
        return {
            "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
            "OPTIONS": {"MAX_ENTRIES": MOST_IN_MEMORY},
        }
    return {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": address,
        "KEY_PREFIX": "meshmarket",
        "OPTIONS": {
            "socket_connect_timeout": ANSWER_SECONDS,
            "socket_timeout": ANSWER_SECONDS,
            "retry": Retry(NoBackoff(), 0),
        },
    }
