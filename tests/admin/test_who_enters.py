"""The administration pages open for superusers, staff and governance admins; the portal's for who made the site."""

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse

from identity.accounts import Account
from identity.people.models import Person, PlatformRole
from tests.admin.test_edits_are_events import build_inline_fields
from tests.admin.test_roles_are_proposed import build_account_form
from tests.admin.test_rows_nobody_edits import build_address
from tests.bank import Bank
from tests.database import as_role
from tests.role_changes import make_governor

ADDED = {
    "usable_password": "true", "password1": "another horse battery", "password2": "another horse battery",
    **build_inline_fields("memberships"), **build_inline_fields("platform_roles"),
}  # fmt: skip


FOREIGN_ARNS = (
    "arn:aws:iam::999999999999:role/meshmarket-executor",
    "arn:aws:iam::999999999999:role/meshmarket-executor",
    "arn:aws:iam::{account}:user/executor",
    "arn:aws-cn:iam::{account}:role/meshmarket-executor",
    "arn:aws:iam::{account}:role/",
    "meshmarket-executor",
    "arn:aws:iam::{account}:role/a b",
)
"""The first for each of the two fields."""


@pytest.fixture
def hanna(client: Client, bank: Bank) -> Client:
    """A governance admin, as `manage.py declare` makes one: neither staff nor superuser."""
    client.force_login(make_governor())
    return client


def test_the_menu_leads_governance_admins_there(hanna: Client) -> None:
    page = hanna.get(reverse("accounts")).content.decode()
    assert f'href="{reverse("admin:index")}"' in page
    assert f'href="{reverse("role-changes")}"' in page


def test_others_stay_outside(client: Client, bank: Bank) -> None:
    for person in (bank.ana, bank.ines):
        client.force_login(person)
        assert client.get("/admin/").status_code != 200
        assert reverse("admin:index") not in client.get(reverse("home")).content.decode()


def test_a_closed_governance_admin_stays_outside(bank: Bank) -> None:
    closed = make_governor()
    closed.is_active = False
    assert not closed.may_open_administration
    assert not closed.has_perm("identity.view_person")


def test_the_first_superuser_opens_the_portals_pages(client: Client, db: None) -> None:
    with as_role("meshmarket_owner"):
        root = get_user_model().objects.create_superuser(
            "root@roastery.example", "Rosa Winter", "a long password"
        )
    client.force_login(root)
    for name in ("health", "accounts", "sync-runs", "role-changes"):
        assert client.get(reverse(name)).status_code == 200, name
    assert [role.role for role in root.platform_roles.all()] == [PlatformRole.Role.GOVERNANCE_ADMIN]


def test_each_person_that_a_governance_admin_adds_has_an_email(hanna: Client) -> None:
    for email in ("one@bank.example", "two@bank.example"):
        answer = hanna.post(build_address(Person, "add"), {"email": email, "name": "New One", **ADDED})
        assert answer.status_code == 302
        assert Person.objects.filter(email=email).exists()
    again = hanna.post(
        build_address(Person, "add"), {"email": "two@bank.example", "name": "New Two", **ADDED}
    )
    assert (again.status_code, Person.objects.filter(name="New Two").exists()) == (200, False)


def test_a_governance_admin_changes_no_superuser_and_sets_no_password(hanna: Client, bank: Bank) -> None:
    assert hanna.get(build_address(Person, "change", bank.greta.pk)).status_code == 200
    form = {"email": bank.greta.email, "name": "Renamed", **ADDED}
    assert hanna.post(build_address(Person, "change", bank.greta.pk), form).status_code == 403
    assert hanna.post(f"/admin/identity/person/{bank.ana.pk}/password/", ADDED).status_code == 403


def test_an_account_takes_only_role_arns_of_its_own(client: Client, bank: Bank) -> None:
    client.force_login(bank.greta)
    account = Account.objects.get(pk=bank.bi_account.pk)
    for number, arn in enumerate(FOREIGN_ARNS):
        field = ("observer_role_arn", "executor_role_arn")[number % 2]
        said = build_account_form(account, **{field: arn.format(account=account.account_id)})
        page = client.post(build_address(Account, "change", account.pk), said)
        assert page.status_code == 200, arn
        assert "This is not a role of the account" in page.content.decode(), arn
