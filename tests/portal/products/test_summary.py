"""The facts at the head of a product's page name their promise or their source."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from catalog.products.models import DataProduct
from catalog.revisions.models import ProductRevision
from catalog.usage.queries import LastRead
from portal.products.contract_changes import build_version_entries
from portal.products.summary import build_change_fact, build_freshness_fact, build_last_read_fact

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)


def test_a_promise_stands_beside_the_freshness() -> None:
    fact = build_freshness_fact(DataProduct(refresh="hourly", freshness_hours=48))
    assert (fact.value, fact.note) == ("hourly", "promised: at most 2 days old")
    assert build_freshness_fact(DataProduct()).note == "nothing promised"


@pytest.mark.parametrize(
    ("read", "value", "note"),
    [
        (LastRead(NOW, None, None), f"{NOW:%-d %b %Y}", "by CloudTrail"),
        (LastRead(None, None, None), "Not known", "no log files are read"),
        (LastRead(None, NOW - timedelta(days=3), NOW), "Never", f"since {NOW - timedelta(days=3):%-d %b %Y}, by CloudTrail"),
    ],
)  # fmt: skip
def test_the_last_read_is_known_from_log_files_only(read: LastRead, value: str, note: str) -> None:
    fact = build_last_read_fact(read)
    assert (fact.value, fact.note) == (value, note)


def make_revision(version: str, *changes: dict[str, Any]) -> ProductRevision:
    return ProductRevision(version=version, published_at=NOW, contract_changes=list(changes))


def make_change(what: str) -> dict[str, str]:
    return {"what": what, "name": "claims", "column": "iban", "before": "string", "after": ""}


def test_breaking_changes_are_counted_and_come_first() -> None:
    added, removed = make_change("column_added"), make_change("column_removed")
    entries = build_version_entries([make_revision("2.0.0", added, removed), make_revision("")])
    assert [one.revision.version for one in entries] == ["2.0.0"]
    assert entries[0].lines == (
        "The column iban of claims is removed.",
        "The column iban of claims is added.",
    )
    fact = build_change_fact(entries[0])
    assert fact is not None
    assert fact.note == "2.0.0, 1 breaking change"


def test_a_product_that_never_changed_has_no_last_change() -> None:
    assert build_change_fact(None) is None
