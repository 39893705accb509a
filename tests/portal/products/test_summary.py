"""The facts at the head of a product's page name their promise or their source."""

from datetime import UTC, datetime, timedelta

import pytest

from catalog.products.models import DataProduct
from catalog.usage.queries import LastRead
from identity.people.models import Person
from portal.products.changes import ChangeEntry
from portal.products.summary import build_change_fact, build_freshness_fact, build_last_read_fact
from requests_app.display_states.vocabulary import CheckMark

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)


def test_a_promise_stands_beside_the_freshness() -> None:
    fact = build_freshness_fact(DataProduct(refresh="hourly", freshness_hours=48))
    assert (fact.value, fact.note) == ("hourly", "promised: at most 2 days old")
    assert build_freshness_fact(DataProduct()).note == "nothing promised"


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
    assert (harmless.note, harmless.mark) == ("1.1.0, nothing breaks", None)


def test_a_product_that_never_changed_has_no_last_change() -> None:
    assert build_change_fact(None) is None
