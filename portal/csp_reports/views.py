"""Content security policy reports from browsers."""

import logging
import time

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from portal.csp_reports.throttle import Throttle
from portal.pages.client_address import get_client_address

logger = logging.getLogger(__name__)
MAX_REPORT_SIZE = 16_384
MAX_LOGGED_SIZE = 2_048
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
