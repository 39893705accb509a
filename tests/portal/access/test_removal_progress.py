"""What is being removed stays in the list of access until its removal is proven, and the list updates itself."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from fulfilment.intents.models import Intent
from fulfilment.observations.models import ObservedPermission
from identity.people.models import Membership
from kernel import clock
from lakeformation.planning.changes import LINK_NAME_TAKEN
from requests_app.grants.actions import expire_grant, revoke_grant
from requests_app.grants.models import Grant
from requests_app.grants.queries import REMOVED_VISIBLE_FOR, filter_current_grants, filter_removed_grants
from tests import factories
from tests.bank import Bank, approve, submit_bank_item
from tests.database import as_role
from tests.engine_readings import write_presence
from tests.portal.conftest import make_client

HTMX = {"HX-Request": "true"}
COLUMNS = {"include": ["amount", "claim_id"]}


@pytest.fixture
def grant(bank: Bank) -> Grant:
    """In place, read back, and seen in AWS."""
    grant = approve(bank, submit_bank_item(bank))
    with as_role("meshmarket_worker"):
        ObservedPermission.objects.create(
            catalog=bank.catalog, principal_arn=bank.role.arn, database="insurance_gold", table="claims",
            verb="SELECT", columns=COLUMNS, seen_at=clock.now(),
        )  # fmt: skip
    write_reading(bank, grant, Intent.Presence.PRESENT)
    return grant


def write_reading(bank: Bank, grant: Grant, presence: Intent.Presence) -> None:
    write_presence(grant.intent, presence, catalog=bank.catalog, consumer=bank.bi_account)


def write_absence(bank: Bank, grant: Grant) -> None:
    with as_role("meshmarket_worker"):
        ObservedPermission.objects.all().delete()
    write_reading(bank, grant, Intent.Presence.ABSENT)


def revoke(bank: Bank, grant: Grant) -> None:
    revoke_grant(acting_user=bank.ines, grant_id=grant.pk, reason="Over.", now=clock.now())


def list_addresses(bank: Bank) -> list[tuple[Client, str]]:
    return [
        (make_client(bank.ines), reverse("data-product-access", args=[bank.product.slug])),
        (make_client(bank.ana), reverse("grants")),
    ]


def test_a_list_at_rest_does_not_poll(bank: Bank, grant: Grant) -> None:
    for client, address in list_addresses(bank):
        page = client.get(address)
        assert [row.grant for row in page.context["rows"]] == [grant]
        assert 'hx-trigger="every' not in page.content.decode()


def test_a_revoked_row_stays_while_it_is_removed_and_nothing_says_that_it_is_foreign(
    bank: Bank, grant: Grant
) -> None:
    revoke(bank, grant)
    for client, address in list_addresses(bank):
        page = client.get(address)
        (row,) = page.context["rows"]
        assert (row.grant, row.removed_at, row.is_in_progress) == (grant, None, True)
        assert "Held outside the portal" not in page.content.decode()
        poll = page.context["poll_url"]
        assert client.get(poll, headers=HTMX).status_code == 204
        write_absence(bank, grant)
        changed = client.get(poll, headers=HTMX)
        assert "<html" not in changed.content.decode()
        assert "removal confirmed" in changed.content.decode()
        assert "hx-trigger=" not in changed.content.decode()
        assert [row.removed_at for row in changed.context["rows"]] == [Intent.objects.get().seen_at]
        write_reading(bank, grant, Intent.Presence.UNKNOWN)


def test_what_ran_out_stays_while_it_is_removed(bank: Bank, grant: Grant) -> None:
    now = grant.ends_at + timedelta(seconds=1)
    assert list(filter_current_grants(Grant.objects.all(), now)) == [grant]
    expire_grant(grant_id=grant.pk, now=now)
    assert list(filter_current_grants(Grant.objects.all(), now)) == [grant]
    assert list(filter_removed_grants(Grant.objects.all())) == []


def test_a_removal_that_is_proven_moves_to_the_ended_ones(bank: Bank, grant: Grant) -> None:
    revoke(bank, grant)
    write_absence(bank, grant)
    grants, now = Grant.objects.all(), clock.now()
    assert [list(filter_current_grants(grants, now)), list(filter_removed_grants(grants))] == [
        [grant],
        [grant],
    ]
    assert list(filter_current_grants(grants, now + REMOVED_VISIBLE_FOR)) == []


def test_a_removal_that_waits_for_a_person_stays_and_does_not_poll(bank: Bank, grant: Grant) -> None:
    revoke(bank, grant)
    write_reading(bank, grant, Intent.Presence.HOLD)
    page = make_client(bank.ana).get(reverse("grants"))
    assert [row.is_in_progress for row in page.context["rows"]] == [False]
    assert page.context["poll_url"] == ""


def test_ticks_survive_an_update(bank: Bank, grant: Grant) -> None:
    page = (
        make_client(bank.ines).get(reverse("data-product-access", args=[bank.product.slug])).content.decode()
    )
    assert f'id="tick-{grant.pk}" hx-preserve' in page


def test_what_has_ended_leaves_the_home_page_once_its_removal_is_proven(bank: Bank, grant: Grant) -> None:
    def list_home_grants() -> list[Grant]:
        panels = make_client(bank.ana).get(reverse("home")).context["main_panels"]
        sections = [shown.content for shown in panels if shown.panel.name == "access"]
        return [row.grant for section in sections for row in section.grants]

    revoke(bank, grant)
    assert list_home_grants() == [grant]
    write_absence(bank, grant)
    assert list_home_grants() == []


def test_the_admin_of_an_account_whose_link_name_is_taken_is_led_to_the_kinds_of_link(bank: Bank) -> None:
    grant = approve(bank, submit_bank_item(bank))
    factories.add_members(bank.bi, Membership.Role.ACCOUNT_ADMIN, [bank.ana])
    write_presence(
        grant.intent, Intent.Presence.UNSEEN, catalog=bank.catalog, consumer=bank.bi_account,
        failure=f"{LINK_NAME_TAKEN} insurance_gold_1 is already taken in {bank.bi_account.account_id}",
    )  # fmt: skip
    address = reverse("access-request", args=[grant.item.request_id])
    page = make_client(bank.ana).get(address).content.decode()
    naming = reverse("local-groups", args=[bank.bi_account.account_id])
    assert "Needs attention" in page
    assert f'href="{naming}#landing"' in page
    assert 'id="landing"' in make_client(bank.ana).get(naming).content.decode()
    assert "#landing" not in make_client(bank.ines).get(address).content.decode()
