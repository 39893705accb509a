"""Rate limits of the API: how many requests one person or token may send in a minute."""

import logging
import time
import zlib
from typing import Any, ClassVar, NamedTuple

from redis.exceptions import RedisError
from rest_framework.request import Request
from rest_framework.settings import api_settings
from rest_framework.throttling import SimpleRateThrottle

logger = logging.getLogger(__name__)
DEFAULT_POLICY, SEARCH_POLICY = "default", "search"
CACHE_PAUSE = 5.0
"""Seconds for which a failed cache is not used."""


class RateLimit(NamedTuple):
    """What is left of a policy's quota. `window` and `reset` are seconds."""

    policy: str
    quota: int
    window: int
    remaining: int
    reset: int

    def headers(self) -> dict[str, str]:
        """As in the IETF draft `ratelimit-headers`."""
        return {
            "RateLimit-Policy": f'"{self.policy}";q={self.quota};w={self.window}',
            "RateLimit": f'"{self.policy}";r={self.remaining};t={self.reset}',
        }


class PolicyThrottle(SimpleRateThrottle):
    """Fixed windows, counted in the cache by atomic increments. A view's `throttle_scope` names its policy.

    While the cache cannot be reached nothing is limited: an outage of the broker must not take the API down.
    """

    cache_format = "throttle:%(scope)s:%(ident)s:%(window)s"
    paused_until: ClassVar[float] = 0.0
    limit: RateLimit | None = None

    def __init__(self) -> None:
        """Leaves the rate open: it depends on the view."""

    def allow_request(self, request: Request, view: Any) -> bool:
        self.scope = getattr(view, "throttle_scope", DEFAULT_POLICY)
        rates: Any = api_settings.DEFAULT_THROTTLE_RATES
        quota, window = self.parse_rate(rates[self.scope])
        ident = ident_of(request)
        if quota is None or window is None or ident is None:
            return True
        # Each person's windows begin at a time of their own, so that not all of them come back at once.
        number, passed = divmod(int(self.timer()) + zlib.crc32(ident.encode()) % window, window)
        count = self._increment(
            self.cache_format % {"scope": self.scope, "ident": ident, "window": number}, window
        )
        if count is None:
            return True
        self.limit = RateLimit(self.scope, quota, window, max(0, quota - count), window - passed)
        view.headers.update(self.limit.headers())
        return count <= quota

    def wait(self) -> float | None:
        return self.limit.reset if self.limit else None

    def _increment(self, key: str, window: int) -> int | None:
        """The new count, or None while the cache cannot be reached."""
        if time.monotonic() < PolicyThrottle.paused_until:
            return None
        try:
            return self._incremented(key, window)
        except (RedisError, OSError) as error:
            logger.warning("API requests are not limited for %g s: %s", CACHE_PAUSE, error)
            PolicyThrottle.paused_until = time.monotonic() + CACHE_PAUSE
            return None

    def _incremented(self, key: str, window: int) -> int:
        try:
            return int(self.cache.incr(key))
        except ValueError:  # the window's first request; one of those at the same time makes the counter
            self.cache.add(key, 0, timeout=2 * window)
            return int(self.cache.incr(key))


def ident_of(request: Request) -> str | None:
    """Whose quota a request counts against: its token's, else its person's. None: nobody's."""
    token: Any = getattr(request.auth, "pk", None)
    if token is not None:
        return f"token-{token}"
    return f"person-{request.user.pk}" if request.user.is_authenticated else None
