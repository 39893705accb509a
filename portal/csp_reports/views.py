"""Reports of browsers on the content security policy."""

import logging
import time

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from portal.csp_reports.throttle import Throttle
from portal.pages.client_address import address_of

logger = logging.getLogger(__name__)
LARGEST_REPORT = 16_384
LOGGED_OF_REPORT = 2_048
reports = Throttle(seconds=60, each=20, together=120)


@csrf_exempt
@login_not_required
@require_POST
def csp_report(request: HttpRequest) -> HttpResponse:
    """The browser says what the policy stopped. Anyone can send this, so it is logged, cut, counted, and no more."""
    size = request.headers.get("Content-Length", "")
    if not size.isdecimal() or int(size) > LARGEST_REPORT:
        return HttpResponse(status=413)
    if not reports.allows(address_of(request), time.monotonic()):
        return HttpResponse(status=429)
    logger.warning("content policy: %r", request.body[:LOGGED_OF_REPORT])
    return HttpResponse(status=204)
