"""Metrics that are read from the database at each scrape, so that any web process answers for all processes."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import DatabaseError, connection
from prometheus_client import Metric
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

logger = logging.getLogger(__name__)
Family = type[CounterMetricFamily] | type[GaugeMetricFamily]


@dataclass(frozen=True)
class StoredMetric:
    """`sql` returns the labels and the value of each sample."""

    family: Family
    name: str
    text: str
    labels: tuple[str, ...]
    sql: str

    def read(self) -> Metric:
        found = self.family(self.name, self.text, labels=self.labels)
        with connection.cursor() as cursor:
            cursor.execute(self.sql)
            for *labels, value in cursor.fetchall():
                found.add_metric(labels, float(value))
        return found


STORED_METRICS = (
    StoredMetric(
        GaugeMetricFamily,
        "meshmarket_unproven_intents",
        "Intents whose last change is not proven in AWS yet.",
        (),
        "SELECT count(*) FROM fulfilment_intent WHERE generation <> proven_generation",
    ),
    StoredMetric(
        GaugeMetricFamily,
        "meshmarket_scan_lag_seconds",
        "How long the most overdue scan of a scope is overdue.",
        (),
        "SELECT greatest(0, extract(epoch FROM clock_timestamp() - min(scan_at))) FROM fulfilment_scope HAVING min(scan_at) IS NOT NULL",
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
