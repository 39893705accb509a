"""Submitting: what stands is written once with its record, what does not is said at its input."""

import dataclasses
from datetime import timedelta
from typing import Any

import pytest

from audit.models import Event
from fulfilment.intents.models import Intent
from kernel import clock
from kernel.errors import ForbiddenError, RefusedError
from requests_app.access_requests.models import AccessRequest, RequestItem
from requests_app.access_requests.states import ItemState
from requests_app.grants.coverage import find_extended_grant
from requests_app.targets.requested_item import RequestedItem
from tests import factories
from tests.bank import Bank, approve, submit_bank_item, submit_bank_request
from tests.engine_readings import write_presence


def get_refusal(bank: Bank, **changes: Any) -> tuple[str, str]:
    """The field and the words of the refusal; nothing was written."""
    before = AccessRequest.objects.count(), RequestItem.objects.count(), Event.objects.count()
    with pytest.raises(RefusedError) as caught:
        submit_bank_request(bank, **changes)
    assert (AccessRequest.objects.count(), RequestItem.objects.count(), Event.objects.count()) == before
    return caught.value.field, caught.value.message


def build_items(bank: Bank, **changes: Any) -> list[RequestedItem]:
    return [dataclasses.replace(RequestedItem(bank.claims.pk, ("claim_id",), False, None), **changes)]


def test_a_request_is_written_with_its_item_and_its_event(bank: Bank) -> None:
    request = submit_bank_request(bank)
    item = request.items.get()
    assert (item.state, item.columns, item.requester) == (
        ItemState.SUBMITTED,
        ["claim_id", "amount"],
        bank.ana,
    )
    event = Event.objects.get()
    assert (event.verb, event.actor, event.subject) == (
        "submit_access_request",
        f"person:{bank.ana.pk}",
        f"request:{request.pk}",
    )
    assert event.data["tables"] == [bank.claims.pk]


def test_a_double_submit_is_one_request(bank: Bank) -> None:
    assert submit_bank_request(bank) == submit_bank_request(bank)
    assert (AccessRequest.objects.count(), RequestItem.objects.count(), Event.objects.count()) == (1, 1, 1)


def test_another_ask_under_the_same_key_is_refused_not_lost(bank: Bank) -> None:
    first = submit_bank_request(bank)
    same = RequestedItem(bank.claims.pk, ("claim_id", "amount"), False, bank.product.pk)
    others: list[dict[str, Any]] = [
        {"purpose": "Something else entirely"},
        {"ends_at": factories.days_from_now(31)},
        {"principal": factories.make_principal(bank.bi_account, "bi-analyst")},
        {"items": [dataclasses.replace(same, columns=("claim_id",))]},
        {"items": [dataclasses.replace(same, whole_table=True)]},
    ]
    for changes in others:
        field, message = get_refusal(bank, **changes)
        assert (field, "already sent this form" in message) == ("idempotency_key", True), changes
    assert (
        submit_bank_request(bank, items=[dataclasses.replace(same, columns=("amount", "claim_id"))]) == first
    )


def test_the_same_key_of_another_person_is_another_request(bank: Bank) -> None:
    other = factories.make_person("Bo Berg")
    factories.add_members(bank.bi, "member", [other])
    assert submit_bank_request(bank) != submit_bank_request(bank, acting_user=other)


@pytest.mark.parametrize("purpose", ["", "   ", "report"])
def test_a_purpose_is_a_sentence(bank: Bank, purpose: str) -> None:
    assert get_refusal(bank, purpose=purpose) == (
        "purpose",
        "Say in one sentence what you need the data for.",
    )


def test_the_end_lies_ahead(bank: Bank) -> None:
    field, words = get_refusal(bank, ends_at=factories.days_from_now(-1))
    assert (field, words) == ("ends_at", "The end date is in the past. Choose a later day.")


def test_the_end_is_not_too_far(bank: Bank) -> None:
    field, words = get_refusal(bank, ends_at=factories.days_from_now(367))
    assert (field, words) == ("ends_at", "Access can last at most 365 days. Choose an earlier day.")


def test_the_last_day_counts_whole(bank: Bank) -> None:
    last = (clock.now() + timedelta(days=365)).replace(hour=23, minute=59, second=59)
    assert submit_bank_request(bank, ends_at=last).ends_at == last


def test_a_role_that_is_gone_is_refused(bank: Bank) -> None:
    bank.role.gone_at = clock.now()
    bank.role.save()
    assert get_refusal(bank) == ("principal", "The role bi-reporting no longer exists in BI.")


def test_a_role_that_was_made_anew_is_another(bank: Bank) -> None:
    bank.role.gone_at = clock.now()
    bank.role.save()
    factories.make_principal(bank.bi_account)
    assert "deleted and created again" in get_refusal(bank)[1]


def test_an_account_that_does_not_consume_is_refused(bank: Bank) -> None:
    producer = factories.make_account(bank.bi, name="Gold", is_consumer=False)
    field, words = get_refusal(bank, principal=factories.make_principal(producer))
    assert (field, words) == ("principal", "Gold is not a consumer account.")


def test_a_role_of_another_teams_account_is_forbidden(bank: Bank) -> None:
    foreign = factories.make_principal(factories.make_account(bank.insurance))
    with pytest.raises(ForbiddenError, match="another team"):
        submit_bank_request(bank, principal=foreign)
    assert not AccessRequest.objects.exists()


def test_a_person_asks_only_for_their_own_teams(bank: Bank) -> None:
    for person in (bank.sam, bank.ines, bank.greta):
        with pytest.raises(ForbiddenError, match="not a member of BI"):
            submit_bank_request(bank, acting_user=person)
    assert not AccessRequest.objects.exists()


def test_a_column_that_is_not_there_is_named(bank: Bank) -> None:
    asked = build_items(bank, columns=("claim_id", "shoe_size"))
    assert get_refusal(bank, items=asked) == ("items", "insurance_gold.claims has no column shoe_size.")


def test_nothing_is_not_an_ask(bank: Bank) -> None:
    assert get_refusal(bank, items=[]) == ("items", "Choose at least one table.")
    assert (
        get_refusal(bank, items=build_items(bank, columns=()))[1]
        == "Choose at least one column of insurance_gold.claims."
    )


def test_a_table_stands_in_a_request_once(bank: Bank) -> None:
    assert "twice" in get_refusal(bank, items=build_items(bank) * 2)[1]


def test_a_table_unknown_to_the_mirror_is_refused(bank: Bank) -> None:
    assert get_refusal(bank, items=build_items(bank, table_id=0)) == (
        "items",
        "This table is not in the catalog.",
    )


def test_a_dropped_table_is_refused(bank: Bank) -> None:
    bank.claims.tombstoned_at = clock.now()
    bank.claims.save()
    assert get_refusal(bank) == ("items", "insurance_gold.claims no longer exists in its catalog.")


def test_a_product_that_does_not_hold_the_table_is_refused(bank: Bank) -> None:
    other = factories.make_product(bank.domain, bank.ines, [], name="Policies")
    words = get_refusal(bank, items=build_items(bank, product_id=other.pk))[1]
    assert words == "insurance_gold.claims is not part of this data product."


def test_what_the_role_already_has_is_not_asked_for_again(bank: Bank) -> None:
    approve(bank, submit_bank_item(bank))
    assert (
        "bi-reporting already has access to"
        in get_refusal(bank, idempotency_key="form-2", items=build_items(bank))[1]
    )


def test_what_is_stale_gives_nothing_and_is_asked_for_anew(bank: Bank) -> None:
    grant = approve(bank, submit_bank_item(bank))
    write_presence(grant.intent, Intent.Presence.STALE, catalog=bank.catalog, consumer=bank.bi_account)
    assert submit_bank_request(bank, idempotency_key="form-2", items=build_items(bank)).items.count() == 1
    longer = submit_bank_request(
        bank, idempotency_key="form-3", items=build_items(bank), ends_at=grant.ends_at + timedelta(days=9)
    )
    assert find_extended_grant(longer.items.get()) is None


def test_more_columns_or_a_later_end_may_be_asked_for(bank: Bank) -> None:
    approve(bank, submit_bank_item(bank))
    more = build_items(bank, columns=("claim_id", "iban"))
    assert submit_bank_request(bank, idempotency_key="form-2", items=more).items.count() == 1
    assert (
        submit_bank_request(bank, idempotency_key="form-3", ends_at=factories.days_from_now(60)).items.count()
        == 1
    )


def test_a_sensitive_partition_key_must_be_asked_for(bank: Bank) -> None:
    table = factories.make_table(
        bank.claims.database, "visits", ("id",), partition_keys=["patient"], sensitive=["patient"]
    )
    words = get_refusal(bank, items=[RequestedItem(table.pk, ("id",), False, None)])[1]
    assert words == "Partition key patient is sensitive and can't be hidden; request it too."
