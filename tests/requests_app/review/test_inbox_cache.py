"""What waits is kept for as long as reading it anew would find the same."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from catalog.change_versions import MAX_MARKS, Alteration, merge_change_marks
from catalog.mirror.models import Database, Table
from catalog.products.models import DataProduct, Domain
from identity.accounts import Account, Principal
from identity.people.models import Membership, Person, Team
from kernel import clock
from requests_app.access_requests.models import AccessRequest, Decision, RequestItem
from requests_app.page_counts import get_page_counts
from requests_app.review.inbox.counts import (
    InboxCounts,
    clear_cache,
    count_waiting,
    filter_decidable,
    get_inbox_counts,
    get_inbox_page,
)
from requests_app.review.inbox.queries import (
    InboxPage,
    InboxQuery,
    InboxScope,
    list_page_keys,
    read_inbox_page,
)
from requests_app.submission.actions import withdraw_item
from tests import factories
from tests.bank import Bank, approve, move_claims_to_domain, submit_bank_item, submit_bank_request
from tests.database import as_role, without_update_guards

ALL = InboxQuery(scope=InboxScope.ALL)


@pytest.fixture(autouse=True)
def nothing_kept() -> Iterator[None]:
    clear_cache()
    yield
    clear_cache()


@pytest.fixture
def item(bank: Bank) -> RequestItem:
    return submit_bank_item(bank)


def reload_person(person: Person) -> Person:
    """The person as the next page has them."""
    found = Person.objects.get(pk=person.pk)
    found.uses_request_cache = True
    return found


def read_cached_page(
    person: Person, sought: InboxQuery
) -> tuple[InboxPage, InboxCounts, int, frozenset[int]]:
    """As the page has it, which reading it anew shows to be so."""
    found, page = (
        _read_page(reload_person(person), sought),
        read_inbox_page(list_page_keys(person, sought, clock.now())),
    )
    assert found[0] == page
    return found


def _read_page(person: Person, sought: InboxQuery) -> tuple[InboxPage, InboxCounts, int, frozenset[int]]:
    page = get_inbox_page(person, sought)
    mine = filter_decidable(person, [ask.pk for ask in page.items])
    return page, get_inbox_counts(person, sought), count_waiting(person), mine


def count_item_queries(person: Person, sought: InboxQuery) -> int:
    with CaptureQueriesContext(connection) as caught:
        _read_page(reload_person(person), sought)
    return len([one for one in caught.captured_queries if "requests_requestitem" in (one["sql"] or "")])


def decide_item(bank: Bank, item: RequestItem) -> None:
    approve(bank, item)


def withdraw_sample_item(bank: Bank, item: RequestItem) -> None:
    withdraw_item(acting_user=bank.ana, item_id=item.pk, now=clock.now())


def submit_another(bank: Bank, _item: RequestItem) -> None:
    submit_bank_request(
        bank, principal=factories.make_principal(bank.bi_account, "another"), idempotency_key="another"
    )


def shorten_item(_bank: Bank, item: RequestItem) -> None:
    RequestItem.objects.filter(pk=item.pk).update(ends_at=F("ends_at") - timedelta(days=1))


def require_privacy_first(_bank: Bank, item: RequestItem) -> None:
    RequestItem.objects.filter(pk=item.pk).update(waits_for=["privacy"], needed_from=["privacy", "owner"])


def change_purpose(_bank: Bank, item: RequestItem) -> None:
    with as_role("meshmarket_owner"), without_update_guards("requests_accessrequest"):
        AccessRequest.objects.filter(pk=item.request_id).update(purpose="Reserves of the third quarter")


def change_team(bank: Bank, item: RequestItem) -> None:
    with as_role("meshmarket_owner"), without_update_guards("requests_accessrequest"):
        AccessRequest.objects.filter(pk=item.request_id).update(team=bank.insurance)


def rename_requester(bank: Bank, _item: RequestItem) -> None:
    Person.objects.filter(pk=bank.ana.pk).update(name="Ana Rothe")


def rename_team(bank: Bank, _item: RequestItem) -> None:
    Team.objects.filter(pk=bank.bi.pk).update(name="Reports")


def rename_product(bank: Bank, _item: RequestItem) -> None:
    DataProduct.objects.filter(pk=bank.product.pk).update(name="All claims")


def rename_table(bank: Bank, _item: RequestItem) -> None:
    Table.objects.filter(pk=bank.claims.pk).update(name="claims_of_old")


def rename_database(bank: Bank, _item: RequestItem) -> None:
    Database.objects.filter(pk=bank.claims.database_id).update(name="insurance_silver")


def rename_domain(bank: Bank, _item: RequestItem) -> None:
    Domain.objects.filter(pk=bank.domain.pk).update(name="Assurance")


def change_domain(bank: Bank, _item: RequestItem) -> None:
    move_claims_to_domain(bank, factories.make_domain(factories.make_team("Cards"), name="Cards"))


def change_domain_owner(bank: Bank, _item: RequestItem) -> None:
    Domain.objects.filter(pk=bank.domain.pk).update(owner_team=bank.bi)


def move_account_to_owners(bank: Bank, _item: RequestItem) -> None:
    Account.objects.filter(pk=bank.bi_account.pk).update(team=bank.insurance)


def move_role_to_owners(bank: Bank, _item: RequestItem) -> None:
    account = factories.make_account(bank.insurance, name="Insurance")
    clear_cache()
    Principal.objects.filter(pk=bank.role.pk).update(account=account)


def set_role_owner(bank: Bank, _item: RequestItem) -> None:
    Principal.objects.filter(pk=bank.role.pk).update(owner=bank.ines)


def remove_membership_role(bank: Bank, _item: RequestItem) -> None:
    with as_role("meshmarket_owner"):
        Membership.objects.filter(person=bank.ines).update(role=Membership.Role.DEVELOPER)


@pytest.mark.parametrize(
    "alter",
    [
        decide_item, withdraw_sample_item, submit_another, shorten_item, require_privacy_first,
        change_purpose, change_team, rename_requester, rename_team, rename_product,
        rename_table, rename_database, rename_domain, change_domain,
        change_domain_owner, move_account_to_owners, move_role_to_owners,
        set_role_owner, remove_membership_role,
    ],
)  # fmt: skip
def test_an_alteration_is_seen_at_once(
    bank: Bank, item: RequestItem, alter: Callable[[Bank, RequestItem], None]
) -> None:
    before = [read_cached_page(bank.ines, sought) for sought in (InboxQuery(), ALL)]
    assert [count for _page, _tally, count, _mine in before] == [1, 1]
    alter(bank, item)
    kept = [read_cached_page(bank.ines, sought) for sought in (InboxQuery(), ALL)]
    assert kept != before
    clear_cache()
    assert kept == [read_cached_page(bank.ines, sought) for sought in (InboxQuery(), ALL)]


def test_a_yes_of_ones_own_is_seen_at_once(bank: Bank, item: RequestItem) -> None:
    approve(bank, item)
    for agreed, of_ines in (("to something else", 1), (Decision.objects.get().effects_hash, 0)):
        with as_role("meshmarket_owner"), without_update_guards("requests_requestitem"):
            RequestItem.objects.update(state="submitted", agreed_hash=agreed, waits_for=["owner"])
        assert [count_waiting(reload_person(person)) for person in (bank.ines, bank.ivo)] == [of_ines, 1]


def test_what_nobody_altered_is_not_read_again_by_colleagues_neither(bank: Bank, item: RequestItem) -> None:
    assert read_cached_page(bank.ines, ALL)[2] == 1
    assert count_item_queries(bank.ines, ALL) == 0
    of_the_own_word_alone = 1
    assert count_item_queries(bank.ivo, ALL) == of_the_own_word_alone
    assert count_item_queries(bank.ivo, ALL) == 0


def test_what_no_inbox_shows_alters_nothing(bank: Bank, item: RequestItem) -> None:
    before = get_page_counts(reload_person(bank.ines)).change_version
    Person.objects.update(last_login=clock.now())
    Table.objects.update(description="Told better", name=F("name"))
    RequestItem.objects.filter(pk=-1).update(risk=1)
    assert get_page_counts(reload_person(bank.ines)).change_version == before


def test_marks_are_folded_into_one_by_which_the_state_stays_the_same(bank: Bank, item: RequestItem) -> None:
    for number in range(MAX_MARKS):
        RequestItem.objects.update(risk=number)
    before = get_page_counts(reload_person(bank.ines)).change_version
    with as_role("meshmarket_worker"):
        merge_change_marks()
    assert Alteration.objects.filter(subject=Alteration.Subject.WAITING).count() == 1
    assert get_page_counts(reload_person(bank.ines)).change_version == before


def test_what_waits_long_enough_is_found_ten_minutes_later_at_most(bank: Bank, item: RequestItem) -> None:
    of_old = replace(ALL, min_waiting_days=1)
    assert (
        get_inbox_page(reload_person(bank.ines), of_old).items,
        get_inbox_counts(reload_person(bank.ines), of_old).total,
    ) == ((), 0)
    with as_role("meshmarket_owner"):
        clock.advance(timedelta(days=1, minutes=10))
    assert [ask.pk for ask in get_inbox_page(reload_person(bank.ines), of_old).items] == [item.pk]
    assert get_inbox_counts(reload_person(bank.ines), of_old).total == 1
