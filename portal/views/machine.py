"""What machines ask for: health, and the browser's reports on the content policy."""

import logging

from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from portal.system_health import degraded_names

logger = logging.getLogger(__name__)
LARGEST_REPORT = 16_384


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
    """The browser says what the policy stopped. Anyone can send this, so it is logged, cut, and no more."""
    size = request.headers.get("Content-Length", "")
    if not size.isdigit() or int(size) > LARGEST_REPORT:
        return HttpResponse(status=413)
    logger.warning("content policy: %r", request.body)
    return HttpResponse(status=204)
