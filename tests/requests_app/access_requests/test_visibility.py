"""Loaders and lists: each person finds what is theirs; absent and forbidden look alike."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from catalog.mirror.models import Database
from kernel.errors import NotFoundError
from requests_app.access_requests import queries
from requests_app.access_requests.may import (
    get_requesting_team_ids,
    list_visible_items,
    may_view_item,
    may_view_request,
)
from requests_app.access_requests.models import RequestItem
from requests_app.grants import queries as grants_queries
from requests_app.grants.may import may_view_grant
from requests_app.grants.models import Grant
from requests_app.review import queries as review_queries
from requests_app.review.decision_history import DecisionTime
from requests_app.review.may import list_deciders
from requests_app.review.summary import build_review
from requests_app.review.terms import compute_approval_hash
from requests_app.targets import recipients
from requests_app.targets.requested_item import RequestedItem
from tests import factories
from tests.bank import Bank, approve, decide_ten_times, submit_bank_item, submit_bank_request
from tests.database import as_role


@pytest.fixture
def grant(bank: Bank) -> Grant:
    return approve(bank, submit_bank_item(bank))


def can_find(load: Callable[..., Any], *args: Any) -> bool:
    try:
        load(*args)
    except NotFoundError:
        return False
    return True


@pytest.mark.parametrize(
    ("who", "sees"), [("ana", True), ("ines", True), ("ivo", True), ("greta", True), ("sam", False)]
)
def test_who_sees_a_request_its_item_and_its_grant(bank: Bank, grant: Grant, *, who: str, sees: bool) -> None:
    person, item = getattr(bank, who), grant.item
    assert can_find(queries.get_request, person, item.request_id) is sees
    assert can_find(review_queries.get_item_for_review, person, item.pk) is sees
    assert can_find(grants_queries.get_grant, person, grant.pk) is sees
    answers = (
        may_view_request(person, item.request),
        may_view_item(person, item),
        may_view_grant(person, grant),
    )
    assert [bool(answer) for answer in answers] == [sees] * 3
    assert grants_queries.list_table_grants(person, bank.claims).exists() is sees
    assert grants_queries.list_product_grants(person, bank.product).exists() is sees


def test_the_auditor_sees_it(bank: Bank, grant: Grant) -> None:
    auditor = factories.make_person("Ada Audit")
    assert not can_find(grants_queries.get_grant, auditor, grant.pk)
    with as_role("meshmarket_owner"):
        auditor.platform_roles.create(role="auditor")
    assert can_find(grants_queries.get_grant, auditor, grant.pk)


def test_what_does_not_exist_looks_like_what_is_not_yours(bank: Bank) -> None:
    for load in (queries.get_request, review_queries.get_item_for_review, grants_queries.get_grant):
        with pytest.raises(NotFoundError):
            load(bank.greta, 0)


def test_an_owner_sees_only_their_items_of_a_request(bank: Bank) -> None:
    cards = factories.make_domain(
        factories.make_team("Cards", owners=[cara := factories.make_person("Cara Day")])
    )
    other = factories.make_table(factories.make_database(bank.catalog, cards, "cards_gold"), "cards", ["id"])
    asks = [
        RequestedItem(bank.claims.pk, ("amount",), False, None),
        RequestedItem(other.pk, ("id",), False, None),
    ]
    request = submit_bank_request(bank, items=asks)
    assert [item.table for item in queries.get_request(cara, request.pk).items.all()] == [other]
    assert [item.table for item in queries.get_request(bank.ines, request.pk).items.all()] == [bank.claims]
    assert len(queries.get_request(bank.ana, request.pk).items.all()) == 2


def test_the_inbox_holds_what_this_person_may_decide(bank: Bank) -> None:
    item = submit_bank_item(bank)
    assert list(review_queries.list_inbox(bank.ines)) == [item]
    for person in (bank.ana, bank.greta, bank.sam):
        assert not review_queries.list_inbox(person).exists()
    factories.add_members(bank.bi, "member", [bank.ivo])
    assert not review_queries.list_inbox(bank.ivo).exists()
    approve(bank, item)
    assert not review_queries.list_inbox(bank.ines).exists()


def test_lists_of_the_person(bank: Bank, grant: Grant) -> None:
    assert [request.pk for request in queries.list_own_requests(bank.ana)] == [grant.item.request_id]
    assert not queries.list_own_requests(bank.ines).exists()
    assert list(grants_queries.list_own_grants(bank.ana)) == [grant]
    assert not grants_queries.list_own_grants(bank.ines).exists()


def test_roles_to_choose_from_are_living_ones_of_own_consuming_accounts(bank: Bank) -> None:
    factories.make_principal(bank.bi_account, "gone", gone_at=factories.BORN)
    factories.make_principal(factories.make_account(bank.bi, is_consumer=False), "producer")
    factories.make_principal(factories.make_account(bank.insurance), "foreign")
    assert list(recipients.list_requestable_principals(bank.ana)) == [bank.role]
    assert not recipients.list_requestable_principals(bank.sam).exists()


def test_a_review_says_who_may_decide_and_what_stands_in_the_way(bank: Bank) -> None:
    item = submit_bank_item(bank)
    review = build_review(review_queries.get_item_for_review(bank.ines, item.pk), bank.ines)
    assert (review.deciders, review.obstacle, review.is_waiting) == ((bank.ines, bank.ivo), "", True)
    assert review.effects_hash == compute_approval_hash(review.item, review.effects)
    assert review.effects.not_granted == ("iban",)
    factories.add_members(bank.bi, "member", [bank.ines, bank.ivo])
    assert not list_deciders(item).exists()
    assert build_review(item, bank.ines).obstacle.startswith("Nobody can decide this now")


def test_a_review_of_a_dropped_table_says_so(bank: Bank) -> None:
    item = submit_bank_item(bank)
    bank.claims.tombstoned_at = factories.BORN
    bank.claims.save()
    review = build_review(review_queries.get_item_for_review(bank.ines, item.pk), bank.ines)
    assert review.obstacle == "insurance_gold.claims no longer exists in its catalog."


def test_a_decided_review_shows_what_was_agreed_and_how_long_it_takes(bank: Bank, grant: Grant) -> None:
    decide_ten_times(bank)
    review = build_review(review_queries.get_item_for_review(bank.ines, grant.item_id), bank.ines)
    assert (review.is_waiting, review.approved) == (False, grant.intent.effects)
    assert [decision.decided_by for decision in review.decisions] == [bank.ines]
    assert review.expected_wait == DecisionTime(timedelta(days=2), 11)


@pytest.mark.parametrize("domain_of_database", [True, False])
@pytest.mark.parametrize("role", ["", "steward", "privacy", "auditor", "governance_admin"])
def test_of_one_item_the_same_is_said_as_in_lists(bank: Bank, *, role: str, domain_of_database: bool) -> None:
    item = submit_bank_item(bank)
    item.needed_from = ["owner", "steward"]
    item.save(update_fields=["needed_from"])
    if not domain_of_database:
        Database.objects.filter(pk=bank.claims.database_id).update(domain=None)
    colleague = factories.make_person("Bea Beside")
    factories.add_members(bank.bi_account.team, "member", [colleague])
    if role:
        with as_role("meshmarket_owner"):
            bank.sam.platform_roles.create(role=role)
    item = RequestItem.objects.get(pk=item.pk)
    for person in (bank.ana, bank.ines, bank.ivo, bank.greta, bank.sam, colleague):
        listed = list_visible_items(person).filter(pk=item.pk).exists()
        assert bool(may_view_item(person, item)) is listed, person.name


def test_the_team_of_the_consuming_account_counts_as_requesting(bank: Bank) -> None:
    item = submit_bank_item(bank)
    item.request.team_id = bank.insurance.pk
    assert get_requesting_team_ids(item) == {bank.insurance.pk, bank.bi_account.team_id}
