"""In the administration pages whatever gives power is proposed; one governor, with every permission, gives none alone."""

from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from catalog.mirror.models import Database
from catalog.products.models import DataProduct, Domain, ProductTable
from identity.accounts import Account
from identity.people.models import Membership, Person, PlatformRole, Team
from identity.role_changes.models import RoleChange
from kernel.errors import RefusedError
from requests_app.review.may import may_decide
from requests_app.targets.requested_item import RequestedItem
from tests import factories
from tests.admin.test_edits_are_events import build_inline_fields
from tests.admin.test_rows_nobody_edits import build_address
from tests.bank import Bank, submit_bank_item
from tests.role_changes import confirm_role_change, make_governor

PROPOSED_TEXT = "Proposed; a second governor must confirm"
CHANGES = {"email": "ana@bank.example", "name": "Ana Keller", "title": ""}


@pytest.fixture
def greta(client: Client, bank: Bank) -> Client:
    client.force_login(bank.greta)
    return client


def post_and_read(client: Client, page: str, form: dict[str, Any]) -> str:
    answer = client.post(page, form, follow=True)
    assert answer.status_code == 200
    text = answer.content.decode()
    assert "changed successfully" not in text
    assert "added successfully" not in text
    assert "deleted successfully" not in text
    return text


def list_waiting() -> list[str]:
    return [str(change) for change in RoleChange.objects.filter(state="waiting").order_by("pk")]


def list_powers(bank: Bank) -> object:
    """Everything by which somebody may decide, govern or act."""
    account = Account.objects.get(pk=bank.bi_account.pk)
    return (
        sorted(Membership.objects.exclude(role="member").values_list("person", "team", "role")),
        sorted(PlatformRole.objects.values_list("person", "role")),
        sorted(Person.objects.values_list("pk", "is_superuser", "is_staff", "is_active")),
        (account.team_id, account.observer_role_arn, account.executor_role_arn, account.external_id),
        sorted(Domain.objects.values_list("pk", "owner_team")),
        sorted(DataProduct.objects.values_list("pk", "domain")),
        type(bank.claims.database).objects.get(pk=bank.claims.database_id).domain_id,
    )


def build_person_form(person: Person, **changes: object) -> dict[str, Any]:
    rows = build_inline_fields("memberships") | build_inline_fields("platform_roles")
    return {
        "email": person.email,
        "name": person.name,
        "title": person.title,
        "is_active": "on",
        **rows,
        **changes,
    }


def build_account_form(account: Account, **changes: object) -> dict[str, Any]:
    names = (
        "account_id", "name", "partition", "region", "line_of_business", "cost_centre", "environment",
        "observer_role_arn", "executor_role_arn", "external_id",
    )  # fmt: skip
    fields = {name: getattr(account, name) for name in names}
    return {**fields, "team": account.team_id, "is_consumer": "on", "in_organisation": "on", **changes}


Attempt = tuple[str, dict[str, Any]]


def build_attempts(bank: Bank) -> dict[str, Attempt]:
    """Each way that the pages have: where it is posted, and what."""
    return {**build_role_attempts(bank), **build_people_attempts(bank), **build_row_attempts(bank)}


def build_role_attempts(bank: Bank) -> dict[str, Attempt]:
    ines, governs = bank.insurance.memberships.first(), bank.greta.platform_roles.get()
    assert ines is not None
    owner = {"id": "", "person": bank.sam.pk, "team": bank.insurance.pk, "role": "data_owner"}
    taken = {
        "id": ines.pk, "team": bank.insurance.pk, "person": ines.person_id, "role": ines.role, "DELETE": "on",
    }  # fmt: skip
    page, team = (
        build_address(Team, "change", bank.insurance.pk),
        {"slug": bank.insurance.slug, "name": "Insurance"},
    )
    return {
        "membership": (build_address(Membership, "add"), owner),
        "membership taken": (build_address(Membership, "delete", ines.pk), {"post": "yes"}),
        "platform role": (build_address(PlatformRole, "add"), {"person": bank.sam.pk, "role": "steward"}),
        "platform role taken": (build_address(PlatformRole, "delete", governs.pk), {"post": "yes"}),
        "in the team": (page, {**team, **build_inline_fields("memberships", 0, owner)}),
        "out of the team": (page, {**team, **build_inline_fields("memberships", 1, taken)}),
    }


def build_people_attempts(bank: Bank) -> dict[str, Attempt]:
    closed, page = (
        factories.make_person("Cleo Old", is_active=False),
        build_address(Person, "change", bank.sam.pk),
    )
    privacy = {"id": "", "person": bank.sam.pk, "role": "privacy"}
    return {
        "with the person": (
            page,
            build_person_form(bank.sam, **build_inline_fields("platform_roles", 0, privacy)),
        ),
        "superuser": (page, build_person_form(bank.sam, is_superuser="on", is_staff="on")),
        "opened again": (build_address(Person, "change", closed.pk), build_person_form(closed)),
    }


def build_row_attempts(bank: Bank) -> dict[str, Attempt]:
    other, account = factories.make_team("Other"), bank.bi_account
    arn, page = f"{account.executor_role_arn}-2", build_address(Account, "change", account.pk)
    claims = factories.make_domain(other, "Claims")
    domain = {"slug": bank.domain.slug, "name": bank.domain.name, "owner_team": other.pk}
    product = {
        "slug": bank.product.slug, "name": bank.product.name, "summary": bank.product.summary, "tier": "gold", "passing_on": "same_terms",
        "owner": bank.ines.pk, "is_published": "on", "domain": claims.pk, **build_inline_fields("product_tables"),
    }  # fmt: skip
    database = type(bank.claims.database)
    return {
        "account role": (page, build_account_form(account, executor_role_arn=arn)),
        "account team": (page, build_account_form(account, team=other.pk)),
        "domain": (build_address(Domain, "change", bank.domain.pk), domain),
        "database": (build_address(database, "change", bank.claims.database_id), {"domain": claims.pk}),
        "product": (build_address(DataProduct, "change", bank.product.pk), product),
    }


ATTEMPT_NAMES = (
    "membership", "membership taken", "platform role", "platform role taken", "in the team", "out of the team",
    "with the person", "superuser", "opened again", "account role", "account team", "domain", "database", "product",
)  # fmt: skip


@pytest.mark.parametrize("way", ATTEMPT_NAMES)
def test_a_save_proposes_and_nothing_takes_effect(greta: Client, bank: Bank, way: str) -> None:
    if way in {"database", "product"}:  # both hold tables of one domain, and move to another apart from them
        bank.product.product_tables.all().delete()
    page, form = build_attempts(bank)[way]
    before = list_powers(bank)
    assert PROPOSED_TEXT in post_and_read(greta, page, form)
    assert len(list_waiting()) == 1
    assert list_powers(bank) == before


def test_a_proposal_says_whom_and_what(greta: Client, bank: Bank) -> None:
    ways = build_attempts(bank)
    for way in ("membership", "superuser", "account team"):
        greta.post(*ways[way])
    assert list_waiting() == [
        "Sam Outis: data owner of Insurance",
        "Sam Outis: can open the administration pages, superuser",
        f"account {bank.bi_account}: team Other",
    ]


@pytest.mark.parametrize("way", ATTEMPT_NAMES)
def test_staff_with_every_permission_propose_nothing(client: Client, bank: Bank, way: str) -> None:
    """Permissions of the administration, of a person or a group, are no power."""
    eve = factories.make_person("Eve Staff", is_staff=True)
    eve.user_permissions.set(Permission.objects.all())
    client.force_login(eve)
    page, form = build_attempts(bank)[way]
    before = list_powers(bank)
    client.post(page, form)
    assert (list_waiting(), list_powers(bank)) == ([], before)


def test_what_gives_no_power_is_saved_beside_a_proposal(greta: Client, bank: Bank) -> None:
    form = {"slug": bank.domain.slug, "name": "Renamed", "owner_team": factories.make_team("Other").pk}
    text = greta.post(build_address(Domain, "change", bank.domain.pk), form, follow=True).content.decode()
    assert PROPOSED_TEXT in text
    bank.domain.refresh_from_db()
    assert (bank.domain.name, bank.domain.owner_team) == ("Renamed", bank.insurance)


def test_closing_an_account_takes_effect_at_once(greta: Client, bank: Bank) -> None:
    form = build_person_form(bank.sam)
    del form["is_active"]
    greta.post(build_address(Person, "change", bank.sam.pk), {**form, "accepts_vacancies": "on"})
    assert (Person.objects.get(pk=bank.sam.pk).is_active, list_waiting()) == (False, [])


def test_accounts_are_added_on_the_page_that_looks_at_them(greta: Client, bank: Bank) -> None:
    assert greta.get(build_address(Account, "add")).status_code == 403
    assert (
        greta.post(build_address(Account, "delete", bank.bi_account.pk), {"post": "yes"}).status_code == 403
    )


def test_a_lone_governor_gives_nobody_power_over_data_of_no_domain(greta: Client, bank: Bank) -> None:
    database = factories.make_database(bank.catalog, None, "bare")
    table = factories.make_table(database, "loose")
    link = {"product": bank.product.pk, "table": table.pk, "position": 9}
    assert "belongs to no domain yet" in greta.post(build_address(ProductTable, "add"), link).content.decode()
    greta.post(build_address(Database, "change", database.pk), {"domain": bank.domain.pk})
    change = RoleChange.objects.get(state="waiting")
    assert "belongs to no domain yet" in greta.post(build_address(ProductTable, "add"), link).content.decode()
    asked = [RequestedItem(table.pk, ("claim_id",), False, None)]
    with pytest.raises(RefusedError, match="belongs to no domain yet"):
        submit_bank_item(bank, items=asked)
    confirm_role_change(make_governor(), change)
    greta.post(build_address(ProductTable, "add"), link)
    assert bank.product.product_tables.filter(table=table).exists()
    item = submit_bank_item(bank, items=asked)
    assert may_decide(bank.ines, item, ["owner"])
