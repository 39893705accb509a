"""Metrics for Prometheus: requests of the web processes, and what the database knows of workers and calls to AWS.

With `PROMETHEUS_MULTIPROC_DIR` each process keeps its numbers in that folder, and whichever answers adds all up.
"""

import hmac
import logging
import os
import re
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_GET
from prometheus_client import CollectorRegistry, Counter, Histogram, Metric, disable_created_metrics
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from background.models import WorkerProcess
from background.task_table import TASKS, Queue
from background.worker_processes import WORKER_TIMEOUT

FOLDER_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
if FOLDER_VARIABLE in os.environ:
    Path(os.environ[FOLDER_VARIABLE]).mkdir(parents=True, exist_ok=True)
disable_created_metrics()  # type: ignore[no-untyped-call]

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
NO_VIEW = "none"
"""The view of static files, and of addresses that do not exist."""
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
    """Register the metrics of this process, or of all that share the folder."""
    if FOLDER_VARIABLE in os.environ:
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return
    registry.register(REQUESTS)
    registry.register(SECONDS)


logger = logging.getLogger(__name__)
Family = type[CounterMetricFamily] | type[GaugeMetricFamily]


@dataclass(frozen=True)
class StoredMetric:
    """`sql`, with `values` for its placeholders, returns the labels and the value of each sample."""

    family: Family
    name: str
    text: str
    labels: tuple[str, ...]
    sql: str
    values: tuple[Any, ...] = ()

    def read(self) -> Metric:
        metric = self.family(self.name, self.text, labels=self.labels)
        with connection.cursor() as cursor:
            cursor.execute(self.sql, self.values or None)
            for *labels, value in cursor.fetchall():
                metric.add_metric(labels, float(value))
        return metric


WORKER_METRICS = (
    StoredMetric(
        CounterMetricFamily,
        "meshmarket_tasks",
        "Runs of tasks by outcome.",
        ("task", "outcome"),
        "SELECT task, outcome, count FROM fulfilment_taskcount",
    ),
    StoredMetric(
        CounterMetricFamily,
        "meshmarket_task_seconds",
        "Time that runs of tasks took together.",
        ("task", "outcome"),
        "SELECT task, outcome, seconds FROM fulfilment_taskcount",
    ),
    StoredMetric(
        GaugeMetricFamily,
        "meshmarket_failing_tasks",
        "Rows on which the last run of a task raised an unexpected exception.",
        ("task",),
        "SELECT n, count(f.id) FROM unnest(%s::text[]) n"
        " LEFT JOIN fulfilment_taskfailure f ON f.task = n AND f.resolved_at IS NULL GROUP BY n",
        ([*TASKS],),
    ),
    StoredMetric(
        GaugeMetricFamily,
        "meshmarket_queue_length",
        "Messages that no worker has taken yet.",
        ("queue",),
        "SELECT n, count(t.id) FROM unnest(%s::text[]) n LEFT JOIN fulfilment_queuedtask t ON t.queue = n"
        " AND t.taken_at IS NULL AND t.queued_at <= clock_timestamp() GROUP BY n",
        ([*Queue],),
    ),
    StoredMetric(
        GaugeMetricFamily,
        "meshmarket_queue_lag_seconds",
        "How long the oldest of these messages has waited.",
        ("queue",),
        "SELECT n, coalesce(max(extract(epoch FROM clock_timestamp() - t.queued_at)), 0) FROM unnest(%s::text[]) n"
        " LEFT JOIN fulfilment_queuedtask t ON t.queue = n"
        " AND t.taken_at IS NULL AND t.queued_at <= clock_timestamp() GROUP BY n",
        ([*Queue],),
    ),
    StoredMetric(
        GaugeMetricFamily,
        "meshmarket_workers",
        "Processes that were seen in the last seconds, by kind.",
        ("kind",),
        "SELECT n, count(p.id) FROM unnest(%s::text[]) n LEFT JOIN fulfilment_workerprocess p ON p.kind = n"
        " AND p.seen_at >= clock_timestamp() - %s::interval GROUP BY n",
        ([*WorkerProcess.Kind], WORKER_TIMEOUT),
    ),
    StoredMetric(
        GaugeMetricFamily,
        "meshmarket_dispatcher_alive",
        "Whether a process looks for due rows.",
        (),
        "SELECT (EXISTS (SELECT FROM fulfilment_dispatchlease WHERE lease_until > clock_timestamp()) OR EXISTS"
        " (SELECT FROM fulfilment_workerprocess WHERE kind = %s AND seen_at >= clock_timestamp() - %s::interval))::int",
        (WorkerProcess.Kind.SWEEP, WORKER_TIMEOUT),
    ),
)
STORED_METRICS = (
    *WORKER_METRICS,
    StoredMetric(
        CounterMetricFamily,
        "meshmarket_aws_calls",
        "Calls to AWS by account, operation and outcome.",
        ("account", "operation", "outcome"),
        "SELECT account_id, operation, outcome, calls FROM fulfilment_calltotal",
    ),
    StoredMetric(
        CounterMetricFamily,
        "meshmarket_rounds",
        "Rounds of the engine by kind of scope and outcome.",
        ("kind", "outcome"),
        "SELECT kind, outcome, rounds FROM fulfilment_roundtotal",
    ),
    StoredMetric(
        CounterMetricFamily,
        "meshmarket_round_seconds",
        "Time that rounds took together.",
        ("kind", "outcome"),
        "SELECT kind, outcome, seconds FROM fulfilment_roundtotal",
    ),
    StoredMetric(
        GaugeMetricFamily,
        "meshmarket_unproven_intents",
        "Intents whose last change is not proven in AWS yet.",
        (),
        "SELECT count(*) FROM fulfilment_intent WHERE generation <> proven_generation",
    ),
    StoredMetric(
        GaugeMetricFamily,
        "meshmarket_oldest_unproven_seconds",
        "Time since the oldest of these intents was created or ended.",
        (),
        "SELECT coalesce(max(extract(epoch FROM meshmarket_now() - coalesce(ended_at, created_at))), 0)"
        " FROM fulfilment_intent WHERE generation <> proven_generation",
    ),
    StoredMetric(
        GaugeMetricFamily,
        "meshmarket_scan_lag_seconds",
        "How long the most overdue scan of a scope is overdue.",
        (),
        "SELECT greatest(0, coalesce(extract(epoch FROM clock_timestamp() - min(scan_at)), 0)) FROM fulfilment_scope",
    ),
    StoredMetric(
        GaugeMetricFamily,
        "meshmarket_unknown_rows",
        "Rows of the last readings of AWS that this version cannot judge, by kind of scope.",
        ("kind",),
        "SELECT s.kind, sum(jsonb_array_length(coalesce(r.facts -> 'unknown', '[]')))"
        " FROM fulfilment_scopereading r JOIN fulfilment_scope s ON s.id = r.scope_id GROUP BY s.kind ORDER BY s.kind",
    ),
    StoredMetric(
        GaugeMetricFamily,
        "meshmarket_unreachable_accounts",
        "Accounts for which AWS does not answer.",
        (),
        "SELECT count(*) FROM fulfilment_accountoutage",
    ),
    StoredMetric(
        GaugeMetricFamily,
        "meshmarket_audit_chain_broken",
        "1 while a verification finds the audit chain broken.",
        (),
        "SELECT count(*) FROM audit_verification WHERE broken_since IS NOT NULL",
    ),
)


class DatabaseCollector(Collector):
    """`meshmarket_database_up` is 0 when the database does not answer; the other metrics are absent then."""

    def collect(self) -> Iterable[Metric]:
        up = GaugeMetricFamily("meshmarket_database_up", "Whether the database answers.")
        try:
            found = [metric.read() for metric in STORED_METRICS]
        except DatabaseError:
            logger.exception("the database does not answer")
            found = []
        up.add_metric([], float(bool(found)))
        return [up, *found]


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
