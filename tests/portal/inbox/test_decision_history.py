"""Decisions that were made, with what came of them: a person's own, and their teams'."""

from datetime import UTC, datetime, timedelta

from django.test import Client
from django.urls import reverse

from kernel import clock
from portal.pages.own_requests import describe_due_time
from requests_app.access_requests.models import RequestItem
from requests_app.review.actions import reject_item
from requests_app.statistics.periods import MIN_MEASURED
from tests import factories
from tests.bank import Bank, approve, submit_bank_item, submit_bank_request
from tests.portal.conftest import make_client
from tests.requests_app.policy_setup import approve_as, make_approval_rule, make_privacy, publish_rules

ADDRESS = "/reviews/decided/"


def list_names(client: Client, query: str = "") -> list[tuple[int, str]]:
    """Id of the item and state of each row."""
    return [(row.item.pk, row.state.state.value) for row in client.get(ADDRESS + query).context["rows"]]


def submit_for(bank: Bank, name: str) -> RequestItem:
    role = factories.make_principal(bank.bi_account, name)
    return submit_bank_request(bank, principal=role, idempotency_key=name).items.get()


def test_a_decision_is_listed_with_what_came_of_it(bank: Bank) -> None:
    item, other = submit_for(bank, "role-1"), submit_for(bank, "role-2")
    approve(bank, item)
    reject_item(acting_user=bank.ines, item_id=other.pk, comment="Use the aggregate.", now=clock.now())
    ines = make_client(bank.ines)
    assert list_names(ines) == [(other.pk, "rejected"), (item.pk, "applying")]
    page = ines.get(ADDRESS).content.decode()
    assert "Use the aggregate." in page
    assert reverse("review", args=[item.pk]) in page
    assert 'hx-trigger="every 1s"' in page


def test_filters_and_scope_are_in_the_address(bank: Bank) -> None:
    item = submit_bank_item(bank)
    approve(bank, item, by=bank.ivo)
    ines = make_client(bank.ines)
    assert list_names(ines) == []
    assert "No decisions yet" in ines.get(ADDRESS).content.decode()
    assert [pk for pk, _state in list_names(ines, "?whose=teams")] == [item.pk]
    assert [pk for pk, _state in list_names(ines, "?whose=teams&result=access")] == [item.pk]
    assert [pk for pk, _state in list_names(ines, f"?whose=teams&product={bank.product.slug}")] == [item.pk]
    for empty in ("result=ended", "result=rejected", "result=waiting", "product=other"):
        assert list_names(ines, f"?whose=teams&{empty}") == []
    assert "No matching decisions" in ines.get(f"{ADDRESS}?result=ended").content.decode()
    assert [pk for pk, _state in list_names(ines, "?whose=teams&result=nonsense")] == [item.pk]


def test_decisions_are_drawn_by_week_with_a_table_of_the_numbers(bank: Bank) -> None:
    item, other = submit_for(bank, "role-1"), submit_for(bank, "role-2")
    approve(bank, item)
    reject_item(acting_user=bank.ines, item_id=other.pk, comment="Use the aggregate.", now=clock.now())
    counts, times = make_client(bank.ines).get(ADDRESS).context["charts"]
    assert counts.summary == "2 decisions in 13 weeks."
    assert [one.values[-1] for one in counts.series] == [1, 1]
    assert make_client(bank.ana).get(ADDRESS).context["charts"] == []
    assert times.summary == "Too few decisions in each week to say how long they usually take."
    assert times.series[0].values == (None,) * 13


def test_the_usual_time_is_drawn_where_a_week_has_enough_decisions(bank: Bank) -> None:
    ines = make_client(bank.ines)
    for number in range(MIN_MEASURED):
        approve(bank, submit_for(bank, f"role-{number}"))
        times = ines.get(ADDRESS).context["charts"][1]
        assert (times.series[0].values[-1] is None) == (number < MIN_MEASURED - 1)
    assert times.series[0].values[:-1] == (None,) * 12
    assert times.summary.startswith(f"Half of the {MIN_MEASURED} decisions of the week of ")


def test_an_approval_waits_for_others_until_they_decide(bank: Bank) -> None:
    pia = make_privacy()
    publish_rules(bank, make_approval_rule({"role": "privacy"}), everywhere=True)
    item, ines = submit_bank_item(bank), make_client(bank.ines)
    approve_as(bank.ines, item)
    assert [pk for pk, _state in list_names(ines, "?result=waiting")] == [item.pk]
    reject_item(acting_user=pia, item_id=item.pk, comment="Not for this.", now=clock.now())
    assert list_names(ines, "?result=waiting") == []
    assert [pk for pk, _state in list_names(ines, "?result=ended")] == [item.pk]


def test_nobody_reads_the_decisions_of_others(bank: Bank) -> None:
    approve(bank, submit_bank_item(bank))
    for person in (bank.ana, bank.sam):
        assert list_names(make_client(person)) == []
        assert list_names(make_client(person), "?whose=teams") == []


def test_the_time_that_is_left_is_told_in_words() -> None:
    now = datetime(2027, 1, 4, 9, tzinfo=UTC)
    told = [describe_due_time(now + timedelta(hours=left), now) for left in (-1, 0.5, 6.5, -75, 72)]
    assert [(one.text, one.is_close) for one in told[:4] if one] == [
        ("overdue by 1 hour", True),
        ("due within the hour", True),
        ("due in 6 hours", True),
        ("overdue by 3 days", True),
    ]
    assert told[4] is not None
    assert not told[4].is_close
    assert describe_due_time(None, now) is None
