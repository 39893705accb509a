"""Counts and times requests, by view.

With `PROMETHEUS_MULTIPROC_DIR` each process keeps its numbers in that folder, and whichever answers adds all up.
"""

import os
import time
from collections.abc import Callable
from pathlib import Path

from django.http import HttpRequest, HttpResponse
from prometheus_client import CollectorRegistry, Counter, Histogram, disable_created_metrics
from prometheus_client.multiprocess import MultiProcessCollector

FOLDER_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
if FOLDER_VARIABLE in os.environ:
    Path(os.environ[FOLDER_VARIABLE]).mkdir(parents=True, exist_ok=True)
disable_created_metrics()  # type: ignore[no-untyped-call]

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
NO_VIEW = "none"
"""Of static files, and of addresses that do not exist."""
BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
REQUESTS = Counter(
    "meshmarket_http_requests",
    "Requests by view, method and class of status.",
    ("view", "method", "status"),
    registry=None,
)
SECONDS = Histogram(
    "meshmarket_http_request_seconds",
    "Time from a request's middleware to its response.",
    ("view", "method"),
    buckets=BUCKETS,
    registry=None,
)


class RequestMetricsMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began = time.perf_counter()
        response = self.get_response(request)
        view = request.resolver_match.view_name if request.resolver_match else NO_VIEW
        method = request.method if request.method in METHODS else "other"
        REQUESTS.labels(view, method, f"{response.status_code // 100}xx").inc()
        SECONDS.labels(view, method).observe(time.perf_counter() - began)
        return response


def register_request_metrics(registry: CollectorRegistry) -> None:
    """Of this process, or of all that share the folder."""
    if FOLDER_VARIABLE in os.environ:
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return
    registry.register(REQUESTS)
    registry.register(SECONDS)
