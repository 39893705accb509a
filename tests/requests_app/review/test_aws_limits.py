"""AWS's limits are counted before an approval, from what was read last."""

from django.urls import reverse

from fulfilment.intents.models import Intent
from requests_app.access_requests.models import RequestItem
from requests_app.review.summary import compute_limits
from requests_app.targets.requested_item import RequestedItem
from tests import factories
from tests.bank import Bank, approve, submit_bank_item
from tests.engine_readings import observe_permission
from tests.portal.conftest import make_client
from tests.requests_app import database_request, lf_tags_request


def list_counts(item: RequestItem) -> list[tuple[int, int, int]]:
    counts = compute_limits(item, item.target.build_access()).counts
    return [(one.count.used, one.count.added, one.count.quota.maximum) for one in counts]


def test_grants_abroad_count_principals_on_things_and_what_is_new(bank: Bank) -> None:
    item = submit_bank_item(bank)
    assert list_counts(item)[0] == (0, 2, 1600)
    observe_permission(bank.claims, bank.role.arn, "amount")
    observe_permission(bank.claims, bank.role.arn, verb="DESCRIBE")
    observe_permission(bank.claims, "999999999999", "amount")
    observe_permission(bank.claims, f"arn:aws:iam::{bank.catalog.account.account_id}:role/home", "amount")
    assert list_counts(item)[0] == (2, 1, 1600)


def test_every_table_of_a_database_is_one_grant_abroad(bank: Bank) -> None:
    assert list_counts(database_request.submit_for_bank_database(bank).items.get())[0] == (0, 2, 1600)


def test_resource_shares_count_five_for_each_account_that_is_reached(bank: Bank) -> None:
    item = submit_bank_item(bank)
    assert list_counts(item)[1] == (0, 5, 1600)
    observe_permission(bank.claims, "999999999999", "amount")
    observe_permission(bank.claims, "arn:aws:iam::999999999999:role/other", "amount")
    assert list_counts(item)[1] == (5, 5, 1600)
    observe_permission(bank.claims, bank.role.arn, "amount")
    assert list_counts(item)[1] == (10, 0, 1600)


def test_values_of_an_lf_tag_count_as_the_mirror_has_them_in_use(bank: Bank) -> None:
    lf_tags_request.assign_tags(bank.claims, {"tier": "gold"}, iban={"tier": "raw"})
    item = lf_tags_request.submit_by_lf_tags(bank)
    counts = compute_limits(item, item.target.build_access()).counts
    (found,) = [one for one in counts if "LF-Tag tier" in one.label]
    assert (found.count.used, found.count.quota.maximum) == (2, 1000)


def test_row_filters_count_by_role_and_table(bank: Bank) -> None:
    asked = RequestedItem(bank.claims.pk, ("amount",), False, bank.product.pk, "claim_id = '1'")
    assert list_counts(submit_bank_item(bank, items=[asked]))[2] == (0, 1, 100)


def test_the_review_tells_them_with_their_source(bank: Bank) -> None:
    item = submit_bank_item(bank)
    shown = make_client(bank.ines).get(reverse("review", args=[item.pk])).content.decode()
    assert "After approval: 2 of 1600 grants to other accounts, by name, 2 of them new." in " ".join(
        shown.split()
    )
    assert "Lake Formation developer guide, cross-account-notes" in shown


def test_a_tag_is_advised_once_it_stands_for_exactly_what_the_role_has(bank: Bank) -> None:
    tables = [factories.make_table(bank.claims.database, f"motor_{number}") for number in range(3)]
    for table in tables:
        table.tags = {"domain": "motor"}
        table.save()
    asks = [RequestedItem(table.pk, (), True, None) for table in tables]
    items = [submit_bank_item(bank, items=[one], idempotency_key=f"form-{one.table_id}") for one in asks]
    for item in items[:2]:
        approve(bank, item)
    assert Intent.objects.count() == 2
    found = compute_limits(items[2], items[2].target.build_access()).advice
    assert found is not None
    assert (found.key, found.value, found.tables) == ("domain", "motor", 3)
