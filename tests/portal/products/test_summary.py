"""The facts at the head of a product's page name their promise or their source."""

from datetime import UTC, datetime, timedelta

import pytest

from catalog.freshness import ChangeTime, FreshnessSource, FreshnessState, ProductFreshness, TableState
from catalog.mirror.models import Table
from catalog.usage.recording import LastRead
from identity.people.models import Person
from portal.products.changes import ChangeEntry
from portal.products.product_context import build_change_fact, build_freshness_fact, build_last_read_fact
from requests_app.display_states.vocabulary import CheckMark

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)


def build_freshness(
    state: FreshnessState, source: FreshnessSource | None, promised: int | None
) -> ProductFreshness:
    found = ChangeTime(source, NOW - timedelta(hours=5)) if source else None
    return ProductFreshness(state, promised, (TableState(Table(name="claims"), state, found, None),))


@pytest.mark.parametrize(
    ("state", "source", "promised", "shown"),
    [
        ("late", "s3_object", 2, ("5 hours old", "promised: at most 2 hours old, by its newest S3 object", "failed")),
        ("fresh", "lineage_run", 48, ("5 hours old", "promised: at most 2 days old, by its last lineage run", "yes")),
        ("not_promised", "iceberg_snapshot", None, ("5 hours old", "nothing promised, by its Iceberg snapshot", None)),
        ("not_known", "glue_update", 2, ("5 hours old", "promised: at most 2 hours old, by Glue's update time", "not_known")),
        ("not_known", None, 24, ("Not known", "promised: at most 1 day old", "not_known")),
    ],
)  # fmt: skip
def test_an_age_stands_beside_its_promise_and_source(
    state: str, source: str | None, promised: int | None, shown: tuple[str, str, str | None]
) -> None:
    found = build_freshness(FreshnessState(state), FreshnessSource(source) if source else None, promised)
    fact = build_freshness_fact(found, NOW)
    assert (fact.value, fact.note, fact.mark) == shown
    assert (fact.word == state.replace("_", " ")) is bool(fact.mark and source)


@pytest.mark.parametrize(
    ("read", "value", "note"),
    [
        (LastRead(NOW, None), f"{NOW:%-d %b %Y}", "by CloudTrail"),
        (LastRead(None, None), "Not known", "no log files are read"),
        (LastRead(None, NOW - timedelta(days=3)), "Never", f"since {NOW - timedelta(days=3):%-d %b %Y}, by CloudTrail"),
    ],
)  # fmt: skip
def test_the_last_read_is_known_from_log_files_only(read: LastRead, value: str, note: str) -> None:
    fact = build_last_read_fact(read)
    assert (fact.value, fact.note) == (value, note)


def test_a_change_that_may_break_queries_is_marked() -> None:
    breaking = build_change_fact(ChangeEntry(NOW, Person(name="Ines"), "2.0.0", is_breaking=True))
    harmless = build_change_fact(ChangeEntry(NOW, Person(name="Ines"), "1.1.0"))
    assert breaking is not None
    assert harmless is not None
    assert (breaking.note, breaking.mark) == ("2.0.0, May break queries", CheckMark.ATTENTION)
    assert (harmless.note, harmless.mark) == ("1.1.0, no breaking changes", None)


def test_a_product_that_never_changed_has_no_last_change() -> None:
    assert build_change_fact(None) is None
