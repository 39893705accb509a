"""What Prometheus scrapes."""

import hmac
import re

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_GET
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from marketplace.metrics.requests import register_request_metrics
from marketplace.metrics.stored_metrics import DatabaseCollector

BEARER = re.compile(r"Bearer +(\S+)", re.IGNORECASE)


@login_not_required
@require_GET
def metrics(request: HttpRequest) -> HttpResponse:
    """404 while no token is set, as if the address did not exist; 401 without the token."""
    if not settings.METRICS_TOKEN:
        raise Http404
    given = BEARER.fullmatch(request.headers.get("Authorization", ""))
    if not given or not hmac.compare_digest(given[1].encode(), settings.METRICS_TOKEN.encode()):
        return HttpResponse(status=401, headers={"WWW-Authenticate": 'Bearer realm="metrics"'})
    registry = CollectorRegistry()
    register_request_metrics(registry)
    registry.register(DatabaseCollector())
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
