"""What machines ask for: health, and the browser's reports on the content policy."""

import logging
import time

from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from portal.forms.signing_in import address_of
from portal.system_health import degraded_names
from portal.throttle import Throttle

logger = logging.getLogger(__name__)
LARGEST_REPORT = 16_384
LOGGED_OF_REPORT = 2_048
reports = Throttle(seconds=60, each=20, together=120)


@login_not_required
@require_GET
def healthz(_request: HttpRequest) -> JsonResponse:
    """503 when the database does not answer, else 200: this process is alive, and starting it anew would mend nothing.
    `degraded` names the background parts that fail or that nobody does, and `audit chain` when it is broken or unwatched.
    """
    try:
        degraded = degraded_names()
    except DatabaseError:
        logger.exception("the database does not answer")
        return JsonResponse({"ok": False, "database": False}, status=503)
    return JsonResponse({"ok": True, "database": True, "degraded": degraded})


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
