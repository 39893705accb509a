"""Content security policy reports from browsers."""

import logging
import threading
import time
from collections import Counter

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from portal.pages.client_address import get_client_address

logger = logging.getLogger(__name__)
MAX_REPORT_SIZE = 16_384
MAX_LOGGED_SIZE = 2_048


class Throttle:
    """A fixed window of `seconds` with a limit per address and a total limit."""

    def __init__(self, *, seconds: float, limit_per_address: int, total_limit: int) -> None:
        self._seconds, self._limit_per_address, self._total_limit = seconds, limit_per_address, total_limit
        self._lock = threading.Lock()
        self._window_end = 0.0
        self._counts: Counter[str] = Counter()

    def allows(self, address: str, now: float) -> bool:
        """Also counts the request. `now` is from a monotonic clock."""
        with self._lock:
            if now >= self._window_end:
                self._window_end = now + self._seconds
                self._counts.clear()
            if self._counts.total() >= self._total_limit or self._counts[address] >= self._limit_per_address:
                return False
            self._counts[address] += 1
            return True


report_throttle = Throttle(seconds=60, limit_per_address=20, total_limit=120)


@csrf_exempt
@login_not_required
@require_POST
def csp_report(request: HttpRequest) -> HttpResponse:
    """Log the report, truncated and rate-limited: anyone can send one."""
    size = request.headers.get("Content-Length", "")
    if not size.isdecimal() or int(size) > MAX_REPORT_SIZE:
        return HttpResponse(status=413)
    if not report_throttle.allows(get_client_address(request), time.monotonic()):
        return HttpResponse(status=429)
    logger.warning("content policy: %r", request.body[:MAX_LOGGED_SIZE])
    return HttpResponse(status=204)
