"""No page is calm while what it rests on is unread, read in part, too old or failed."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from django.urls import reverse
from pytest_django import Settings

from catalog.sync.models import SyncProblem, SyncRun
from fulfilment.intents.models import Intent
from fulfilment.observations.models import ScopeReading, max_reading_age
from fulfilment.observations.storage import CatalogFacts
from fulfilment.permissions.models import DriftFinding
from fulfilment.rounds import Scope
from identity.accounts import ConnectedCatalog
from kernel import clock
from lakeformation.drift import DifferenceKind
from lakeformation.observation.reading import IAM_ALLOWED_PRINCIPALS
from portal.permissions.presenters import CatalogRow
from requests_app.targets.requested_item import RequestedItem
from tests import factories
from tests.bank import Bank, approve, submit_bank_item
from tests.database import as_role
from tests.engine_readings import observe_permission, store_catalog_reading, write_presence
from tests.html import squeeze
from tests.portal.conftest import make_client
from tests.portal.sync.test_pages import make_run


def age_reading(bank: Bank, by: timedelta) -> datetime:
    with as_role("meshmarket_worker"):
        read_at = clock.now() - by
        ScopeReading.objects.filter(scope__catalog=bank.catalog).update(read_at=read_at)
    return read_at


def make_second_catalog(bank: Bank) -> ConnectedCatalog:
    """So that the list is a list: a single catalog is opened at once."""
    return factories.make_catalog(factories.make_account(bank.bi, is_governance=True), "zeta")


def list_ledgers(bank: Bank) -> Sequence[CatalogRow]:
    found: Sequence[CatalogRow] = make_client(bank.greta).get(reverse("permissions")).context["rows"]
    return found


def read_table_page(bank: Bank) -> str:
    return make_client(bank.ana).get(reverse("table", args=[bank.claims.pk])).content.decode()


def test_who_can_read_a_table_is_not_known_before_its_catalog_is_read(bank: Bank) -> None:
    page = read_table_page(bank)
    assert "Not known yet" in page
    assert "0 roles" not in page


def test_a_table_left_to_iam_is_readable_by_every_role_with_rights_there(bank: Bank) -> None:
    store_catalog_reading(bank.catalog, CatalogFacts())
    observe_permission(bank.claims, IAM_ALLOWED_PRINCIPALS, verb="ALL")
    page = read_table_page(bank)
    assert f"Every role of {bank.catalog.account.name} that IAM allows" in page
    product = make_client(bank.ana).get(reverse("data-product", args=[bank.product.slug])).content.decode()
    assert f"Every role of {bank.catalog.account.name} that IAM allows" in product


def test_an_old_reading_says_when_it_was_so(bank: Bank) -> None:
    store_catalog_reading(bank.catalog, CatalogFacts())
    assert "0 roles" in read_table_page(bank)
    age_reading(bank, max_reading_age() + timedelta(minutes=10))
    page = read_table_page(bank)
    assert "as of the last read of AWS" in page


def test_a_catalog_with_an_unmanaged_permission_needs_attention_in_the_list_of_ledgers(bank: Bank) -> None:
    make_second_catalog(bank)
    store_catalog_reading(bank.catalog, CatalogFacts())
    observe_permission(bank.claims, bank.role.arn, verb="ALL")
    row = next(one for one in list_ledgers(bank) if one.visible_catalog.catalog == bank.catalog)
    assert (row.state.state, row.state.reason) == ("needs_attention", "held_outside")


def test_a_catalog_that_was_never_read_is_not_known_in_the_list_of_ledgers(bank: Bank) -> None:
    make_second_catalog(bank)
    assert {(row.state.state.value, row.state.reason.value) for row in list_ledgers(bank)} == {
        ("not_known", "never_read")
    }
    page = make_client(bank.greta).get(reverse("permissions")).content.decode()
    assert "not known yet" in page
    assert "no findings" not in page


def test_what_needs_attention_comes_first_in_the_list_of_ledgers(bank: Bank) -> None:
    other = make_second_catalog(bank)
    for catalog in (bank.catalog, other):
        store_catalog_reading(catalog, CatalogFacts())
    with as_role("meshmarket_worker"):
        now = clock.now()
        DriftFinding.objects.create(
            catalog=other,
            kind=DifferenceKind.MISSING,
            key="k",
            text="gone",
            first_seen_at=now,
            last_seen_at=now,
        )
    assert [row.visible_catalog.catalog for row in list_ledgers(bank)] == [other, bank.catalog]


def test_an_empty_ledger_is_not_known_before_the_first_reading(bank: Bank) -> None:
    address = f"{reverse('permissions')}?catalog={bank.catalog.short_name}"
    assert "Not known yet" in make_client(bank.greta).get(address).content.decode()
    store_catalog_reading(bank.catalog, CatalogFacts())
    assert "AWS holds no permissions here" in make_client(bank.greta).get(address).content.decode()


def test_a_reading_of_25_minutes_ago_keeps_no_promise_of_seconds(bank: Bank, settings: Settings) -> None:
    settings.SCAN_EVERY = 3.0
    store_catalog_reading(bank.catalog, CatalogFacts())
    age_reading(bank, timedelta(minutes=25))
    with as_role("meshmarket_worker"):
        Scope.objects.update(scan_at=clock.now() + timedelta(seconds=3))
    (row,) = make_client(bank.greta).get(reverse("health")).context["rows"]
    assert not row.details.meets_detection_target
    assert row.details.detection_time >= timedelta(minutes=25)
    assert (row.state.state, row.state.reason) == ("not_known", "reading_too_old")


def test_what_could_not_be_read_comes_first_on_health(bank: Bank) -> None:
    second = make_second_catalog(bank)
    store_catalog_reading(bank.catalog, CatalogFacts())
    with as_role("meshmarket_worker"):
        Scope.objects.create(key=f"catalog:{second.pk}", kind="catalog", catalog=second)
    rows = make_client(bank.greta).get(reverse("health")).context["rows"]
    assert [row.details.scope.catalog for row in rows] == [second, bank.catalog]


@pytest.mark.parametrize(
    ("outcome", "fields", "said"),
    [
        ("running", {"finished_at": None, "started_at": None}, "Not known yet"),
        ("running", {"finished_at": None}, "Not known yet"),
        ("failed", {"error": "denied"}, "This run did not finish reading the catalog"),
        ("done", {"pages": 0}, "Nothing was read"),
        ("done", {"pages": 3}, "No changes"),
    ],
)
def test_nothing_changed_is_said_of_a_complete_reading_alone(
    bank: Bank, outcome: str, fields: dict[str, object], said: str
) -> None:
    page = (
        make_client(bank.greta)
        .get(reverse("sync-run", args=[make_run(bank, outcome, **fields).pk]))
        .content.decode()
    )
    assert said in page
    assert ("No changes<" in page) == (said == "No changes")


def test_a_run_that_left_a_database_unread_did_not_simply_succeed(bank: Bank) -> None:
    row = make_run(bank, SyncRun.Outcome.DONE, pages=3)
    SyncProblem.objects.create(run=row, database="finance", error="denied")
    answer = make_client(bank.greta).get(reverse("sync-run", args=[row.pk]))
    assert (answer.context["state"].state, answer.context["state"].reason) == (
        "needs_attention",
        "partly_read",
    )
    assert "so changes in them are not known." in answer.content.decode()


def test_a_grant_whose_aws_side_was_not_read_since_is_not_shown_as_active(bank: Bank) -> None:
    grant = approve(bank, submit_bank_item(bank))
    write_presence(
        grant.intent, Intent.Presence.PRESENT, catalog=bank.catalog, consumer=bank.bi_account, usable=True
    )
    page = make_client(bank.ana).get(reverse("grants")).content.decode()
    assert ">Active<" in squeeze(page)
    with as_role("meshmarket_worker"):
        old = clock.now() - max_reading_age() - timedelta(minutes=1)
        Intent.objects.filter(pk=grant.intent_id).update(seen_at=old)
    page = make_client(bank.ana).get(reverse("grants")).content.decode()
    assert ">Active<" not in page
    assert "Last reading too old" in page


def test_what_needs_attention_comes_first_in_ones_access(bank: Bank) -> None:
    troubled, later = (
        approve(
            bank,
            submit_bank_item(
                bank, idempotency_key=key, items=[RequestedItem(bank.claims.pk, (column,), False, None)]
            ),
        )
        for key, column in (("one", "claim_id"), ("two", "amount"))
    )
    for grant, presence in ((troubled, Intent.Presence.STALE), (later, Intent.Presence.PRESENT)):
        write_presence(grant.intent, presence, catalog=bank.catalog, consumer=bank.bi_account, usable=True)
    rows = make_client(bank.ana).get(reverse("grants")).context["rows"]
    assert [row.grant for row in rows] == [troubled, later]


def test_what_stands_in_the_way_of_a_grant_is_not_known_before_the_catalog_is_read(bank: Bank) -> None:
    grant = approve(bank, submit_bank_item(bank))
    page = make_client(bank.ana).get(reverse("grant-proof", args=[grant.pk])).content.decode()
    assert "Not read yet: Lake Formation controls the table" in page
    store_catalog_reading(bank.catalog, CatalogFacts())
    page = make_client(bank.ana).get(reverse("grant-proof", args=[grant.pk])).content.decode()
    assert "Not read yet: Lake Formation controls the table" not in page


def test_a_review_says_that_permissions_were_not_read(bank: Bank) -> None:
    item = submit_bank_item(bank)
    address = reverse("review", args=[item.pk])
    assert "other access there is not known" in make_client(bank.ines).get(address).content.decode()
    store_catalog_reading(bank.catalog, CatalogFacts())
    assert "other access there is not known" not in make_client(bank.ines).get(address).content.decode()
