"""What Prometheus gets from /metrics."""

from typing import Any

from django.test import Client
from prometheus_client.parser import text_string_to_metric_families

TOKEN = "only-prometheus-knows"


def scrape(authorization: str = f"Bearer {TOKEN}") -> Any:
    return Client().get("/metrics", headers={"Authorization": authorization})


def read_samples(text: str = "") -> dict[tuple[str, ...], float]:
    """Value by name and the values of its labels, in the alphabetical order of these."""
    families = text_string_to_metric_families(text or scrape().content.decode())
    return {
        (sample.name, *(value for name, value in sorted(sample.labels.items()) if name != "le")): sample.value
        for family in families
        for sample in family.samples
        if not sample.name.endswith("_bucket")
    }
