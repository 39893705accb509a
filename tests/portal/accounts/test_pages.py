"""The pages that connect an account, for governance admins."""

import pytest
from django.test import Client
from django.urls import reverse

from catalog.usage.models import QueryHistory
from identity.accounts import Account
from identity.connections import AccountConnection, Checkup
from identity.people.models import Team
from kernel import clock
from tests import factories
from tests.bank import Bank
from tests.database import as_role
from tests.portal.conftest import make_client

HTMX = {"HX-Request": "true"}


@pytest.fixture
def admin(bank: Bank) -> Client:
    return make_client(factories.make_admin())


def propose_account(admin: Client, **changes: str) -> str:
    """The address of the new connection's page."""
    team = str(Team.objects.order_by("pk")[0].pk)
    said = {
        "account_id": "7100 0000 0001", "name": "Claims analytics", "region": "eu-central-1", "team": team,
        "kind": "receives", "environment": "production",
    }  # fmt: skip
    answer = admin.post(reverse("accounts"), said | changes)
    assert answer.status_code == 302, answer.context["form"].errors
    return str(answer["Location"])


def test_from_the_form_to_the_mesh(admin: Client) -> None:
    address = propose_account(admin)
    page = admin.get(address).content.decode()
    assert AccountConnection.objects.get().external_id in page
    assert "arn:aws:iam::710000000001:role/meshmarket-observer" in page
    admin.post(f"{address}check/")
    with as_role("meshmarket_worker"):
        Checkup.objects.update(finished_at=clock.now())
    answer = admin.post(f"{address}complete/", follow=True)
    assert "is connected" in answer.content.decode()
    assert Account.objects.filter(account_id="710000000001").exists()


def test_all_that_is_wrong_is_said_at_once_at_its_fields_and_nothing_typed_is_lost(admin: Client) -> None:
    said = {"account_id": "12", "name": "Claims", "region": "Frankfurt", "kind": "grants"}
    answer = admin.post(reverse("accounts"), said)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert all(f'id="{field}-error"' in page for field in ("account_id", "region", "team"))
    assert 'value="Claims"' in page


def test_an_account_on_its_way_in_is_refused_at_its_field(admin: Client) -> None:
    propose_account(admin)
    page = admin.post(reverse("accounts"), {"account_id": "7100-0000-0001"}).content.decode()
    assert "This account is already being connected." in page


def test_registering_too_early_says_what_is_in_the_way(admin: Client) -> None:
    answer = admin.post(f"{propose_account(admin)}complete/", follow=True)
    assert "Something is still missing" in answer.content.decode()


def test_the_checkup_polls_while_it_waits_and_is_not_sent_unchanged(admin: Client) -> None:
    address = propose_account(admin)
    assert "hx-trigger" not in admin.get(address, headers=HTMX).content.decode()
    admin.post(f"{address}check/")
    waits = admin.get(address, headers=HTMX)
    assert 'hx-trigger="every 1s"' in waits.content.decode()
    assert (
        admin.get(address, {"seen": admin.get(address).context["content_hash"]}, headers=HTMX).status_code
        == 204
    )
    finding = {"kind": "missing", "code": "x", "text": "No <b>reader</b>.", "remedy": "Add it."}
    with as_role("meshmarket_worker"):
        Checkup.objects.update(finished_at=clock.now(), findings=[finding])
    done = admin.get(address, headers=HTMX).content.decode()
    assert "No &lt;b&gt;reader&lt;/b&gt;." in done
    assert "hx-trigger" not in done


@pytest.mark.parametrize("name", ["worker", "granting-account", "consuming-account"])
def test_templates_are_files_to_keep(admin: Client, name: str) -> None:
    answer = admin.get(reverse("account-connection-template", args=[name]))
    assert answer["Content-Disposition"] == f'attachment; filename="{name}.yaml"'
    assert b"AWSTemplateFormatVersion" in answer.content


def test_no_other_file_is_a_template(admin: Client) -> None:
    assert admin.get(reverse("account-connection-template", args=["example"])).status_code == 404


def test_others_find_nothing(admin: Client, bank: Bank) -> None:
    address, ana = propose_account(admin), make_client(bank.ana)
    for url in (reverse("accounts"), address, reverse("account-connection-template", args=["worker"])):
        assert ana.get(url).status_code == 404
    for verb in ("check/", "complete/"):
        assert ana.post(address + verb).status_code == 404
    assert reverse("accounts") not in ana.get("/").content.decode()
    assert reverse("accounts") in admin.get("/").content.decode()


def test_an_empty_mesh_says_with_what_to_begin(db: None) -> None:
    page = make_client(factories.make_admin()).get(reverse("accounts")).content.decode()
    assert "No account yet" in page
    assert reverse("admin:identity_team_add") in page


def test_an_account_says_why_its_query_history_is_not_read(admin: Client, bank: Bank) -> None:
    with as_role("meshmarket_worker"):
        QueryHistory.objects.create(
            account=bank.bi_account, looked_at=clock.now(), trouble="AccessDenied: athena:ListWorkGroups"
        )
    page = admin.get(reverse("accounts")).content.decode()
    assert "Its query history can't be read: AccessDenied: athena:ListWorkGroups" in page
