"""Django's cache: shared by all processes through Valkey or Redis, else one in each process."""

from typing import Any

from redis.backoff import NoBackoff
from redis.retry import Retry

SOCKET_TIMEOUT_SECONDS = 0.25
MAX_ENTRIES_IN_MEMORY = 100_000


def build_cache_settings(address: str) -> dict[str, Any]:
    """The entry of `CACHES`. No retries: callers go on without the cache."""
    if not address:
        return {
            "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
            "OPTIONS": {"MAX_ENTRIES": MAX_ENTRIES_IN_MEMORY},
        }
    return {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": address,
        "KEY_PREFIX": "meshmarket",
        "OPTIONS": {
            "socket_connect_timeout": SOCKET_TIMEOUT_SECONDS,
            "socket_timeout": SOCKET_TIMEOUT_SECONDS,
            "retry": Retry(NoBackoff(), 0),
        },
    }
