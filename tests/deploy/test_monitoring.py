"""The dashboard and the alerts ask for metrics that /metrics exports, and docs/operations.md explains each of these."""

import json
import re
from functools import cache
from typing import Any

import pytest
import yaml
from django.conf import settings
from prometheus_client.parser import text_string_to_metric_families

from demo.bootstrap import ROOT
from tests.docs.pages import read_table
from tests.marketplace.metrics.scrapes import TOKEN, scrape

DASHBOARD = ROOT / "deploy" / "grafana" / "meshmarket.json"
ALERTS = ROOT / "deploy" / "prometheus" / "alerts.yml"
NAME = re.compile(r"\bmeshmarket_\w+")
SUFFIXES = {"counter": ("_total",), "gauge": ("",), "histogram": ("_bucket", "_count", "_sum")}


def list_expressions() -> list[str]:
    panels = json.loads(DASHBOARD.read_text())["panels"]
    targets = [target for panel in panels for target in panel.get("targets", [])]
    return [target["expr"] for target in targets] + [rule["expr"] for rule in list_alerts()]


@cache
def list_alerts() -> list[dict[str, Any]]:
    (group,) = yaml.safe_load(ALERTS.read_text())["groups"]
    rules: list[dict[str, Any]] = group["rules"]
    return rules


@pytest.fixture
def exported(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Type by name."""
    monkeypatch.setattr(settings, "METRICS_TOKEN", TOKEN)
    families = text_string_to_metric_families(scrape().content.decode())
    return {family.name: family.type for family in families}


@pytest.mark.django_db
def test_every_metric_that_is_asked_for_is_exported(exported: dict[str, str]) -> None:
    samples = {f"{name}{suffix}" for name, kind in exported.items() for suffix in SUFFIXES[kind]}
    asked = {name for expression in list_expressions() for name in NAME.findall(expression)}
    assert asked - samples == set()
    assert len(asked) > 15


@pytest.mark.django_db
def test_every_metric_is_explained(exported: dict[str, str]) -> None:
    cells = [row[0] for row in read_table(ROOT / "docs" / "operations.md", "Metrics, traces and logs")]
    explained = {name for cell in cells for name in NAME.findall(cell)}
    assert explained == {f"{name}_total" if kind == "counter" else name for name, kind in exported.items()}


def test_each_alert_says_what_happened_and_how_urgent_it_is() -> None:
    wrong = [
        rule["alert"]
        for rule in list_alerts()
        if rule["labels"]["severity"] not in {"critical", "warning"}
        or not rule["annotations"]["summary"].endswith(".")
    ]
    assert wrong == []
    assert len({rule["alert"] for rule in list_alerts()}) == len(list_alerts())


def test_panels_do_not_overlap() -> None:
    places = [panel["gridPos"] for panel in json.loads(DASHBOARD.read_text())["panels"]]
    cells = [
        (x, y)
        for place in places
        for x in range(place["x"], place["x"] + place["w"])
        for y in range(place["y"], place["y"] + place["h"])
    ]
    assert len(cells) == len(set(cells))
