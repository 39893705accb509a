"""What waits is kept for as long as reading it anew would find the same."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from audit import clock
from catalog.change_versions import MANY, Alteration, fold_alterations
from catalog.mirror.models import Database, Table
from catalog.products.models import DataProduct, Domain
from identity.accounts.models import Account, Principal
from identity.people.models import Membership, Person, Team
from requests_app.access_requests.models import AccessRequest, Decision, Item
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
from tests.bank import Bank, approve, ask, asked_item, move_claims
from tests.database import as_role, unguarded

ALL = InboxQuery(whose=InboxScope.ALL)


@pytest.fixture(autouse=True)
def nothing_kept() -> Iterator[None]:
    clear_cache()
    yield
    clear_cache()


@pytest.fixture
def item(bank: Bank) -> Item:
    return asked_item(bank)


def reading(person: Person) -> Person:
    """The person as the next page has them."""
    found = Person.objects.get(pk=person.pk)
    found.asks_once = True
    return found


def shown(person: Person, sought: InboxQuery) -> tuple[InboxPage, InboxCounts, int, frozenset[int]]:
    """As the page has it, which reading it anew shows to be so."""
    found, page = (
        _shown(reading(person), sought),
        read_inbox_page(list_page_keys(person, sought, clock.now())),
    )
    assert found[0] == page
    return found


def _shown(person: Person, sought: InboxQuery) -> tuple[InboxPage, InboxCounts, int, frozenset[int]]:
    page = get_inbox_page(person, sought)
    mine = filter_decidable(person, [ask.pk for ask in page.items])
    return page, get_inbox_counts(person, sought), count_waiting(person), mine


def queries_on_items(person: Person, sought: InboxQuery) -> int:
    with CaptureQueriesContext(connection) as caught:
        _shown(reading(person), sought)
    return len([one for one in caught.captured_queries if "requests_item" in (one["sql"] or "")])


def it_is_decided(bank: Bank, item: Item) -> None:
    approve(bank, item)


def it_is_withdrawn(bank: Bank, item: Item) -> None:
    withdraw_item(acting_user=bank.ana, item_id=item.pk, now=clock.now())


def another_is_asked_for(bank: Bank, _item: Item) -> None:
    ask(bank, principal=factories.make_principal(bank.bi_account, "another"), submission_key="another")


def it_would_end_sooner(_bank: Bank, item: Item) -> None:
    Item.objects.filter(pk=item.pk).update(ends_at=F("ends_at") - timedelta(days=1))


def another_has_to_agree_first(_bank: Bank, item: Item) -> None:
    Item.objects.filter(pk=item.pk).update(waits_for=["privacy"], needed_from=["privacy", "owner"])


def the_purpose_is_told_better(_bank: Bank, item: Item) -> None:
    with as_role("meshmarket_owner"), unguarded("requests_accessrequest"):
        AccessRequest.objects.filter(pk=item.request_id).update(purpose="Reserves of the third quarter")


def another_team_asks(bank: Bank, item: Item) -> None:
    with as_role("meshmarket_owner"), unguarded("requests_accessrequest"):
        AccessRequest.objects.filter(pk=item.request_id).update(team=bank.insurance)


def who_asks_is_renamed(bank: Bank, _item: Item) -> None:
    Person.objects.filter(pk=bank.ana.pk).update(name="Ana Rothe")


def the_team_is_renamed(bank: Bank, _item: Item) -> None:
    Team.objects.filter(pk=bank.bi.pk).update(name="Reports")


def the_product_is_renamed(bank: Bank, _item: Item) -> None:
    DataProduct.objects.filter(pk=bank.product.pk).update(name="All claims")


def the_table_is_renamed(bank: Bank, _item: Item) -> None:
    Table.objects.filter(pk=bank.claims.pk).update(name="claims_of_old")


def the_database_is_renamed(bank: Bank, _item: Item) -> None:
    Database.objects.filter(pk=bank.claims.database_id).update(name="insurance_silver")


def the_domain_is_renamed(bank: Bank, _item: Item) -> None:
    Domain.objects.filter(pk=bank.domain.pk).update(name="Assurance")


def another_domain_answers(bank: Bank, _item: Item) -> None:
    move_claims(bank, factories.make_domain(factories.make_team("Cards"), name="Cards"))


def another_team_owns_the_domain(bank: Bank, _item: Item) -> None:
    Domain.objects.filter(pk=bank.domain.pk).update(owner_team=bank.bi)


def its_account_comes_to_the_owners(bank: Bank, _item: Item) -> None:
    Account.objects.filter(pk=bank.bi_account.pk).update(team=bank.insurance)


def its_role_is_of_the_owners(bank: Bank, _item: Item) -> None:
    account = factories.make_account(bank.insurance, name="Insurance")
    clear_cache()
    Principal.objects.filter(pk=bank.role.pk).update(account=account)


def its_role_is_theirs_to_answer_for(bank: Bank, _item: Item) -> None:
    Principal.objects.filter(pk=bank.role.pk).update(owner=bank.ines)


def a_role_is_lost(bank: Bank, _item: Item) -> None:
    Membership.objects.filter(person=bank.ines).update(role=Membership.Role.DEVELOPER)


@pytest.mark.parametrize(
    "alter",
    [
        it_is_decided, it_is_withdrawn, another_is_asked_for, it_would_end_sooner, another_has_to_agree_first,
        the_purpose_is_told_better, another_team_asks, who_asks_is_renamed, the_team_is_renamed, the_product_is_renamed,
        the_table_is_renamed, the_database_is_renamed, the_domain_is_renamed, another_domain_answers,
        another_team_owns_the_domain, its_account_comes_to_the_owners, its_role_is_of_the_owners,
        its_role_is_theirs_to_answer_for, a_role_is_lost,
    ],
)  # fmt: skip
def test_an_alteration_is_seen_at_once(bank: Bank, item: Item, alter: Callable[[Bank, Item], None]) -> None:
    before = [shown(bank.ines, sought) for sought in (InboxQuery(), ALL)]
    assert [count for _page, _tally, count, _mine in before] == [1, 1]
    alter(bank, item)
    kept = [shown(bank.ines, sought) for sought in (InboxQuery(), ALL)]
    assert kept != before
    clear_cache()
    assert kept == [shown(bank.ines, sought) for sought in (InboxQuery(), ALL)]


def test_a_yes_of_ones_own_is_seen_at_once(bank: Bank, item: Item) -> None:
    approve(bank, item)
    for agreed, of_ines in (("to something else", 1), (Decision.objects.get().effects_hash, 0)):
        with as_role("meshmarket_owner"), unguarded("requests_item"):
            Item.objects.update(state="submitted", agreed_hash=agreed, waits_for=["owner"])
        assert [count_waiting(reading(person)) for person in (bank.ines, bank.ivo)] == [of_ines, 1]


def test_what_nobody_altered_is_not_read_again_by_colleagues_neither(bank: Bank, item: Item) -> None:
    assert shown(bank.ines, ALL)[2] == 1
    assert queries_on_items(bank.ines, ALL) == 0
    of_the_own_word_alone = 1
    assert queries_on_items(bank.ivo, ALL) == of_the_own_word_alone
    assert queries_on_items(bank.ivo, ALL) == 0


def test_what_no_inbox_shows_alters_nothing(bank: Bank, item: Item) -> None:
    before = get_page_counts(reading(bank.ines)).change_version
    Person.objects.update(last_login=clock.now())
    Table.objects.update(description="Told better", name=F("name"))
    Item.objects.filter(pk=-1).update(risk=1)
    assert get_page_counts(reading(bank.ines)).change_version == before


def test_marks_are_folded_into_one_by_which_the_state_stays_the_same(bank: Bank, item: Item) -> None:
    for number in range(MANY):
        Item.objects.update(risk=number)
    before = get_page_counts(reading(bank.ines)).change_version
    with as_role("meshmarket_worker"):
        fold_alterations()
    assert Alteration.objects.filter(subject=Alteration.Subject.WAITING).count() == 1
    assert get_page_counts(reading(bank.ines)).change_version == before


def test_what_waits_long_enough_is_found_ten_minutes_later_at_most(bank: Bank, item: Item) -> None:
    of_old = replace(ALL, days=1)
    assert (
        get_inbox_page(reading(bank.ines), of_old).items,
        get_inbox_counts(reading(bank.ines), of_old).total,
    ) == ((), 0)
    with as_role("meshmarket_owner"):
        clock.advance(timedelta(days=1, minutes=10))
    assert [ask.pk for ask in get_inbox_page(reading(bank.ines), of_old).items] == [item.pk]
    assert get_inbox_counts(reading(bank.ines), of_old).total == 1
