"""Rows that people keep: each edit writes its event in the same transaction."""

import re
from typing import Any

import pytest
from django.db import DatabaseError
from django.test import Client

from audit import clock
from audit.models import Event
from catalog.models import DataProduct, Domain, SyncRun
from identity.models import Membership, Person, Team
from tests import factories
from tests.admin.test_rows_nobody_edits import INLINE, address
from tests.bank import Bank


@pytest.fixture
def greta(client: Client, bank: Bank) -> Client:
    client.force_login(bank.greta)
    return client


def inlines(prefix: str, rows: int = 0, *forms: dict[str, Any]) -> dict[str, Any]:
    """The inline formset's fields."""
    fields: dict[str, Any] = {f"{prefix}-TOTAL_FORMS": len(forms), f"{prefix}-INITIAL_FORMS": rows}
    for place, form in enumerate(forms):
        fields |= {f"{prefix}-{place}-{name}": value for name, value in form.items()}
    return fields


def events() -> list[tuple[str, str, Any]]:
    return [(event.verb, event.subject, event.data) for event in Event.objects.order_by("pk")]


def test_adding_and_changing_are_recorded_by_field_names(greta: Client, bank: Bank) -> None:
    greta.post(address(Team, "add"), {"slug": "risk", "name": "Risk", **inlines("memberships")})
    team = Team.objects.get(slug="risk")
    row = {"id": "", "team": team.pk, "person": bank.sam.pk, "role": "member"}
    greta.post(
        address(Team, "change", team.pk), {"slug": "risk", "name": "Risks", **inlines("memberships", 0, row)}
    )
    membership = Membership.objects.get(team=team)
    assert events() == [
        ("add_team", f"team:{team.pk}", {"fields": ["name", "slug"]}),
        ("change_team", f"team:{team.pk}", {"fields": ["name"]}),
        ("add_membership", f"membership:{membership.pk}", {}),
    ]
    assert {event.actor for event in Event.objects.all()} == {f"person:{bank.greta.pk}"}


def test_removing_is_recorded(greta: Client, bank: Bank) -> None:
    membership = bank.bi.memberships.get()
    greta.post(address(Membership, "delete", membership.pk), {"post": "yes"})
    assert events() == [("delete_membership", f"membership:{membership.pk}", {})]
    assert not bank.bi.memberships.exists()


def test_an_inline_row_that_is_removed_is_recorded(greta: Client, bank: Bank) -> None:
    member = bank.bi.memberships.get()
    row = {"id": member.pk, "team": bank.bi.pk, "person": bank.ana.pk, "role": "member", "DELETE": "on"}
    form = {"slug": bank.bi.slug, "name": "BI", **inlines("memberships", 1, row)}
    greta.post(address(Team, "change", bank.bi.pk), form)
    assert ("delete_membership", f"membership:{member.pk}", {}) in events()


def test_without_its_event_an_edit_does_not_stand(
    greta: Client, bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(**_event: Any) -> None:
        raise DatabaseError

    monkeypatch.setattr("audit.admin_bases.record", broken)
    with pytest.raises(DatabaseError):
        greta.post(address(Team, "add"), {"slug": "risk", "name": "Risk", **inlines("memberships")})
    assert not Team.objects.filter(slug="risk").exists()


def test_a_product_is_edited_and_found_by_its_new_words(greta: Client, bank: Bank) -> None:
    form = {
        "slug": bank.product.slug,
        "name": "Damages",
        "summary": "All.",
        "domain": bank.domain.pk,
        "owner": bank.ines.pk,
        "tier": "gold",
        "is_published": "on",
        **inlines("product_tables"),
    }
    greta.post(address(DataProduct, "change", bank.product.pk), form)
    greta_finds = greta.get("/api/search?q=damages").json()["hits"]
    assert [hit["slug"] for hit in greta_finds] == [bank.product.slug]


def test_the_mirror_is_changed_in_its_domain_alone(greta: Client, bank: Bank) -> None:
    database = bank.claims.database
    other = factories.make_domain(bank.insurance, "Claims")
    bank.product.product_tables.all().delete()
    greta.post(address(type(database), "change", database.pk), {"domain": other.pk, "name": "stolen"})
    database.refresh_from_db()
    assert (database.domain, database.name) == (other, "insurance_gold")
    assert events() == [("change_database", f"database:{database.pk}", {"fields": ["domain"]})]
    assert greta.get(address(type(database), "add")).status_code == 403


def test_a_person_is_made_and_given_a_password_on_the_record(greta: Client, bank: Bank) -> None:
    secret = "a long enough sentence"
    form = {"email": "new@bank.example", "name": "New One", "usable_password": "true"}
    passwords = {"password1": secret, "password2": secret}
    none = inlines("memberships") | inlines("platform_roles")
    greta.post(address(Person, "add"), form | passwords | none)
    person = Person.objects.get(email="new@bank.example")
    greta.post(f"/admin/identity/person/{person.pk}/password/", passwords | {"usable_password": "true"})
    assert [verb for verb, _, _ in events()] == ["add_person", "change_person"]
    assert events()[1][2] == {"fields": ["password"]}
    assert greta.get(address(Person, "delete", person.pk)).status_code == 403


def test_a_sync_is_asked_for_by_its_verb(greta: Client, bank: Bank) -> None:
    form = {"action": "sync_now", "_selected_action": [bank.catalog.pk]}
    greta.post(address(type(bank.catalog), "changelist"), form)
    assert SyncRun.objects.get().requested_by == bank.greta
    assert [verb for verb, _, _ in events()] == ["request_sync"]


def test_a_sync_of_one_database_is_asked_for_there_too(greta: Client, bank: Bank) -> None:
    database = bank.claims.database
    form = {"action": "sync_now", "_selected_action": [database.pk]}
    page = greta.post(address(type(database), "changelist"), form, follow=True).content.decode()
    assert (SyncRun.objects.get().catalog, SyncRun.objects.get().database) == (bank.catalog, database.name)
    assert f"The workers read {database.name} of {bank.catalog} next." in page
    type(database).objects.filter(pk=database.pk).update(tombstoned_at=clock.now())
    page = greta.post(address(type(database), "changelist"), form, follow=True).content.decode()
    assert f"There is no {database.name} of {bank.catalog} any more" in page


@pytest.mark.parametrize("model", [Team, Person, Domain, DataProduct, Membership], ids=lambda m: m.__name__)
def test_forms_hold_no_inline_script_or_style(greta: Client, bank: Bank, model: Any) -> None:
    row = model.objects.order_by("pk").first()
    for page in (address(model, "add"), address(model, "change", row.pk)):
        answer = greta.get(page)
        assert answer.status_code == 200
        assert not INLINE.search(
            re.sub(r"<template.*?</template>", "", answer.content.decode(), flags=re.DOTALL)
        )
        assert "style-src 'self';" in answer["Content-Security-Policy"]
