"""Metrics that are read from the database at each scrape, so that any web process answers for all processes."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import DatabaseError, connection
from prometheus_client import Metric
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from background.models import WorkerProcess
from background.task_table import TASKS, Queue
from background.worker_processes import WORKER_TIMEOUT

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
        found = self.family(self.name, self.text, labels=self.labels)
        with connection.cursor() as cursor:
            cursor.execute(self.sql, self.values or None)
            for *labels, value in cursor.fetchall():
                found.add_metric(labels, float(value))
        return found


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
