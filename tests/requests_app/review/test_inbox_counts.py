"""How much waits is counted once, and anew as soon as a decision, a role or a delegation is another."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import product
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from identity.people.models import Membership, Person
from kernel import clock
from requests_app.access_requests.item_targets import list_inbox_filters
from requests_app.access_requests.models import AccessRequest, RequestItem
from requests_app.review.delegation.models import Delegation
from requests_app.review.inbox.counts import clear_cache, count_waiting, filter_decidable, get_inbox_counts
from requests_app.review.inbox.queries import (
    WAITING_DAYS,
    InboxQuery,
    InboxScope,
    build_inbox_filter,
    list_waiting_items,
)
from requests_app.targets.requested_item import RequestedItem
from tests import factories
from tests.bank import Bank, approve, submit_bank_item, submit_bank_request
from tests.database import as_role, without_triggers
from tests.requests_app.review.test_delegation import delegate_to

TEAMS = InboxQuery(scope=InboxScope.TEAMS)
MOST_AT_ONCE = 3
"""Of six filters: any two go together, and what goes wrong with four does so with three."""


@pytest.fixture(autouse=True)
def nothing_kept() -> Iterator[None]:
    clear_cache()
    yield
    clear_cache()


def reload_person(person: Person) -> Person:
    """The person as the next page has them."""
    found = Person.objects.get(pk=person.pk)
    found.uses_request_cache = True
    return found


def count_total(person: Person, sought: InboxQuery = TEAMS) -> int:
    return get_inbox_counts(reload_person(person), sought).total


def test_what_waits_is_told_with_what_it_can_be_narrowed_by(bank: Bank) -> None:
    submit_bank_item(bank)
    found = get_inbox_counts(reload_person(bank.ines), TEAMS)
    assert found.total == 1
    assert found.domains == ((bank.domain.slug, bank.domain.name),)
    assert found.products == ((bank.product.slug, bank.product.name),)
    assert found.teams == ((bank.bi.slug, bank.bi.name),)


def test_each_filter_has_a_total_of_its_own_and_the_same_choices(bank: Bank) -> None:
    submit_bank_item(bank)
    everything = get_inbox_counts(reload_person(bank.ines), TEAMS)
    none = get_inbox_counts(reload_person(bank.ines), replace(TEAMS, team="elsewhere"))
    assert none == replace(everything, total=0)


@pytest.fixture
def five(bank: Bank) -> None:
    """Requests of each kind, some by another team, one on some rows, that wait for 1, 3 and 40 days."""
    asks: list[dict[str, Any]] = [
        {"columns": ("claim_id",)},
        {"columns": ("iban",)},
        {"columns": (), "metadata_only": True},
        {"columns": (), "whole_table": True},
        {"columns": (), "whole_table": True, "row_filter": "amount = '5'"},
    ]
    for number, one in enumerate(asks):
        item = RequestedItem(bank.claims.pk, **{"whole_table": False, "product_id": bank.product.pk, **one})
        role = factories.make_principal(bank.bi_account, f"role-{number}")
        asked = submit_bank_request(bank, principal=role, items=[item], idempotency_key=str(number))
        waited = timedelta(days=(0, 1, 3, 8, 40)[number], minutes=11)
        with without_triggers():
            AccessRequest.objects.filter(pk=asked.pk).update(submitted_at=clock.now() - waited)
    with without_triggers():
        RequestItem.objects.filter(columns=["iban"]).update(product=None)


def test_the_total_is_that_of_the_filter(bank: Bank, five: None) -> None:
    """Totals are sums of groups, the page is asked of the database: both by the same words."""
    wanted: dict[str, tuple[Any, ...]] = {
        "domain": ("", bank.domain.slug, "elsewhere"),
        "product": ("", bank.product.slug, "elsewhere"),
        "team": ("", bank.bi.slug, "elsewhere"),
        "classification": ("", "public", "sensitive", "private"),
        "kind": ("", *list_inbox_filters()),
        "min_waiting_days": (None, *WAITING_DAYS),
    }
    person, everything = reload_person(bank.ines), list_waiting_items(bank.ines, InboxScope.TEAMS)
    totals = []
    for values in product(*wanted.values()):
        if sum(map(bool, values)) > MOST_AT_ONCE:
            continue
        chosen: dict[str, Any] = dict(zip(wanted, values, strict=True))
        sought = replace(TEAMS, **chosen)
        expected = everything.filter(build_inbox_filter(sought, clock.now())).count()
        assert get_inbox_counts(person, sought).total == expected, sought
        totals.append(expected)
    assert set(totals) == {0, 1, 2, 3, 4, 5}


def test_it_is_counted_once(bank: Bank) -> None:
    submit_bank_item(bank)
    assert count_total(bank.ines) == count_waiting(reload_person(bank.ines)) == 1
    person = reload_person(bank.ines)
    with CaptureQueriesContext(connection) as caught:
        get_inbox_counts(person, TEAMS)
        count_waiting(person)
    assert not [query for query in caught.captured_queries if "requests_requestitem" in (query["sql"] or "")]


def test_a_decision_is_seen_at_once(bank: Bank) -> None:
    item = submit_bank_item(bank)
    assert (count_total(bank.ines), count_waiting(reload_person(bank.ines))) == (1, 1)
    approve(bank, item)
    assert (count_total(bank.ines), count_waiting(reload_person(bank.ines))) == (0, 0)


def test_a_role_that_is_lost_off_the_record_is_seen_at_once(bank: Bank) -> None:
    item = submit_bank_item(bank)
    assert count_waiting(reload_person(bank.ines)) == 1
    assert filter_decidable(reload_person(bank.ines), [item.pk]) == {item.pk}
    with as_role("meshmarket_owner"):
        Membership.objects.filter(person=bank.ines).update(role=Membership.Role.DEVELOPER)
    assert count_waiting(reload_person(bank.ines)) == 0
    assert not filter_decidable(reload_person(bank.ines), [item.pk])


def test_a_delegation_that_ends_off_the_record_is_seen_at_once(bank: Bank) -> None:
    factories.add_members(bank.insurance, "developer", [emre := factories.make_person("Emre Aydin")])
    delegate_to(bank, emre)
    submit_bank_item(bank)
    assert count_waiting(reload_person(emre)) == 1
    Delegation.objects.update(ended_at=clock.now())
    assert count_waiting(reload_person(emre)) == 0


def test_nobody_is_told_what_was_counted_for_another_of_the_same_roles(bank: Bank) -> None:
    factories.add_members(bank.bi, "member", [ben := factories.make_person("Ben Vogt")])
    factories.add_members(bank.bi, "lead", [bank.ana, ben])
    submit_bank_item(bank)
    RequestItem.objects.update(waits_for=["lead"])
    assert count_waiting(reload_person(ben)) == 1
    assert count_waiting(reload_person(bank.ana)) == 0
