"""How much waits is counted once, and anew as soon as a decision, a role or a delegation is another."""

from collections.abc import Iterator
from dataclasses import replace
from time import monotonic

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit import clock
from identity.models import Membership, Person
from requests_app import tally
from requests_app.delegation.models import Delegation
from requests_app.inbox import Sought, Whose
from requests_app.models import Item
from requests_app.tally import count_waiting, decidable_among, forget, tally_of
from tests import factories
from tests.bank import Bank, approve, asked_item
from tests.requests_app.test_delegation import entrust

TEAMS = Sought(whose=Whose.TEAMS)


@pytest.fixture(autouse=True)
def nothing_kept() -> Iterator[None]:
    forget()
    yield
    forget()


def reading(person: Person) -> Person:
    """The person as the next page has them."""
    found = Person.objects.get(pk=person.pk)
    found.asks_once = True
    return found


def total(person: Person, sought: Sought = TEAMS) -> int:
    return tally_of(reading(person), sought, clock.now()).total


def test_what_waits_is_told_with_what_it_can_be_narrowed_by(bank: Bank) -> None:
    asked_item(bank)
    found = tally_of(reading(bank.ines), TEAMS, clock.now())
    assert found.total == 1
    assert found.domains == ((bank.domain.slug, bank.domain.name),)
    assert found.products == ((bank.product.slug, bank.product.name),)
    assert found.teams == ((bank.bi.slug, bank.bi.name),)


def test_each_filter_has_a_total_of_its_own_and_the_same_choices(bank: Bank) -> None:
    asked_item(bank)
    everything = tally_of(reading(bank.ines), TEAMS, clock.now())
    none = tally_of(reading(bank.ines), replace(TEAMS, team="elsewhere"), clock.now())
    assert none == replace(everything, total=0)


def test_it_is_counted_once(bank: Bank) -> None:
    asked_item(bank)
    assert total(bank.ines) == count_waiting(reading(bank.ines)) == 1
    person = reading(bank.ines)
    with CaptureQueriesContext(connection) as caught:
        tally_of(person, TEAMS, clock.now())
        count_waiting(person)
    assert not [query for query in caught.captured_queries if "requests_item" in query["sql"]]


def test_a_decision_is_seen_at_once(bank: Bank) -> None:
    item = asked_item(bank)
    assert (total(bank.ines), count_waiting(reading(bank.ines))) == (1, 1)
    approve(bank, item)
    assert (total(bank.ines), count_waiting(reading(bank.ines))) == (0, 0)


def test_a_role_that_is_lost_off_the_record_is_seen_at_once(bank: Bank) -> None:
    item = asked_item(bank)
    assert count_waiting(reading(bank.ines)) == 1
    assert decidable_among(reading(bank.ines), [item.pk]) == {item.pk}
    Membership.objects.filter(person=bank.ines).update(role=Membership.Role.DEVELOPER)
    assert count_waiting(reading(bank.ines)) == 0
    assert not decidable_among(reading(bank.ines), [item.pk])


def test_a_delegation_that_ends_off_the_record_is_seen_at_once(bank: Bank) -> None:
    factories.join(bank.insurance, "developer", [emre := factories.make_person("Emre Aydin")])
    entrust(bank, emre)
    asked_item(bank)
    assert count_waiting(reading(emre)) == 1
    Delegation.objects.update(ended_at=clock.now())
    assert count_waiting(reading(emre)) == 0


def test_nobody_is_told_what_was_counted_for_another_of_the_same_roles(bank: Bank) -> None:
    factories.join(bank.bi, "member", [ben := factories.make_person("Ben Vogt")])
    factories.join(bank.bi, "lead", [bank.ana, ben])
    asked_item(bank)
    Item.objects.update(waits_for=["lead"])
    assert count_waiting(reading(ben)) == 1
    assert count_waiting(reading(bank.ana)) == 0


def test_after_some_seconds_it_is_counted_anew(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    asked_item(bank)
    assert total(bank.ines) == 1
    Item.objects.update(state="withdrawn")
    assert total(bank.ines) == 1
    later = monotonic() + tally.LONGEST_KEPT + 1
    monkeypatch.setattr(tally, "monotonic", lambda: later)
    assert total(bank.ines) == 0
