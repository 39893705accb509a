"""Rows that people keep: each edit writes its event in the same transaction."""

import re
from typing import Any

import pytest
from django.db import DatabaseError
from django.test import Client

from audit.models import Event
from catalog.products.models import DataProduct, Domain
from catalog.sync.models import SyncRun
from identity.accounts import Account
from identity.people.models import Membership, Person, Team
from identity.role_changes.models import RoleChange
from kernel import clock
from tests import factories
from tests.admin.test_rows_nobody_edits import INLINE_CODE, build_address
from tests.bank import Bank
from tests.role_changes import confirm_role_change


@pytest.fixture
def greta(client: Client, bank: Bank) -> Client:
    client.force_login(bank.greta)
    return client


def build_inline_fields(prefix: str, rows: int = 0, *forms: dict[str, Any]) -> dict[str, Any]:
    """The inline formset's fields."""
    fields: dict[str, Any] = {f"{prefix}-TOTAL_FORMS": len(forms), f"{prefix}-INITIAL_FORMS": rows}
    for place, form in enumerate(forms):
        fields |= {f"{prefix}-{place}-{name}": value for name, value in form.items()}
    return fields


def list_events() -> list[tuple[str, str, Any]]:
    return [(event.verb, event.subject, event.data) for event in Event.objects.order_by("pk")]


def test_adding_and_changing_are_recorded_by_field_names(greta: Client, bank: Bank) -> None:
    greta.post(
        build_address(Team, "add"), {"slug": "risk", "name": "Risk", **build_inline_fields("memberships")}
    )
    team = Team.objects.get(slug="risk")
    row = {"id": "", "team": team.pk, "person": bank.sam.pk, "role": "member"}
    greta.post(
        build_address(Team, "change", team.pk),
        {"slug": "risk", "name": "Risks", **build_inline_fields("memberships", 0, row)},
    )
    assert Membership.objects.get(team=team).person == bank.sam
    made = Event.objects.get(verb="make_role_change")
    assert [event for event in list_events() if event[0] != "make_role_change"] == [
        ("add_team", f"team:{team.pk}", {"fields": ["name", "slug"]}),
        ("change_team", f"team:{team.pk}", {"fields": ["name"]}),
    ]
    assert made.data["what"] == "member of Risks"
    assert {event.actor for event in Event.objects.all()} == {f"person:{bank.greta.pk}"}


def test_removing_is_recorded(greta: Client, bank: Bank) -> None:
    membership = bank.bi.memberships.get()
    greta.post(build_address(Membership, "delete", membership.pk), {"post": "yes"})
    event = Event.objects.get()
    assert (event.verb, event.subject) == ("make_role_change", f"person:{bank.ana.pk}")
    assert event.data["what"] == f"no longer member of {bank.bi.name}"
    assert not bank.bi.memberships.exists()


def test_an_inline_row_that_is_removed_is_recorded(greta: Client, bank: Bank) -> None:
    member = bank.bi.memberships.get()
    row = {"id": member.pk, "team": bank.bi.pk, "person": bank.ana.pk, "role": "member", "DELETE": "on"}
    form = {"slug": bank.bi.slug, "name": "BI", **build_inline_fields("memberships", 1, row)}
    greta.post(build_address(Team, "change", bank.bi.pk), form)
    assert Event.objects.get(verb="make_role_change").data["concerns"] == bank.ana.pk
    assert not bank.bi.memberships.exists()


def test_without_its_event_an_edit_does_not_stand(
    greta: Client, bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(**_event: Any) -> None:
        raise DatabaseError

    monkeypatch.setattr("audit.admin.record_event", broken)
    with pytest.raises(DatabaseError):
        greta.post(
            build_address(Team, "add"), {"slug": "risk", "name": "Risk", **build_inline_fields("memberships")}
        )
    assert not Team.objects.filter(slug="risk").exists()


def test_a_product_is_edited_and_found_by_its_new_words(greta: Client, bank: Bank) -> None:
    form = {
        "slug": bank.product.slug,
        "name": "Damages",
        "summary": "All.",
        "domain": bank.domain.pk,
        "owner": bank.ines.pk,
        "tier": "gold",
        "passing_on": "same_terms",
        "is_published": "on",
        **build_inline_fields("product_tables"),
    }
    greta.post(build_address(DataProduct, "change", bank.product.pk), form)
    greta_finds = greta.get("/api/v1/search?q=damages").json()["results"]
    assert [hit["name"] for hit in greta_finds] == ["Damages"]


def test_the_mirror_is_changed_in_its_domain_alone(greta: Client, bank: Bank) -> None:
    database = bank.claims.database
    other = factories.make_domain(bank.insurance, "Claims")
    bank.product.product_tables.all().delete()
    greta.post(build_address(type(database), "change", database.pk), {"domain": other.pk, "name": "stolen"})
    page = greta.post(
        build_address(type(database), "change", database.pk),
        {"domain": other.pk, "name": "stolen"},
        follow=True,
    )
    assert "Proposed; a second governor must confirm" in page.content.decode()
    database.refresh_from_db()
    assert (database.domain, database.name) == (bank.domain, "insurance_gold")
    assert [(verb, subject) for verb, subject, _ in list_events()] == [
        ("propose_role_change", f"database:{database.pk}")
    ]
    assert greta.get(build_address(type(database), "add")).status_code == 403


def test_a_person_is_made_and_given_a_password_on_the_record(greta: Client, bank: Bank) -> None:
    secret = "a long enough sentence"
    form = {"email": "new@bank.example", "name": "New One", "usable_password": "true"}
    passwords = {"password1": secret, "password2": secret}
    none = build_inline_fields("memberships") | build_inline_fields("platform_roles")
    greta.post(build_address(Person, "add"), form | passwords | none)
    person = Person.objects.get(email="new@bank.example")
    greta.post(f"/admin/identity/person/{person.pk}/password/", passwords | {"usable_password": "true"})
    assert [verb for verb, _, _ in list_events()] == [
        "add_person",
        "make_role_change",
        "change_person",
        "make_role_change",
    ]
    assert list_events()[2][2] == {"fields": ["password"]}
    assert [change.kind for change in RoleChange.objects.filter(person=person)] == ["password", "password"]
    assert greta.get(build_address(Person, "delete", person.pk)).status_code == 403


def test_another_email_counts_like_a_password_for_it_receives_the_links_that_reset_one(
    greta: Client, bank: Bank
) -> None:
    person = factories.make_person("New One")
    person.set_password("a long enough sentence")
    person.save()
    none = build_inline_fields("memberships") | build_inline_fields("platform_roles")
    for email in (person.email, "other@bank.example"):
        form = {"email": email, "name": "New Two", "is_active": "on"}
        greta.post(build_address(Person, "change", person.pk), form | none)
    person.refresh_from_db()
    assert person.email == "other@bank.example"
    (change,) = RoleChange.objects.filter(person=person)
    assert change.kind == "password"


def test_a_sync_is_asked_for_by_its_verb(greta: Client, bank: Bank) -> None:
    form = {"action": "sync_now", "_selected_action": [bank.catalog.pk]}
    greta.post(build_address(type(bank.catalog), "changelist"), form)
    assert SyncRun.objects.get().requested_by == bank.greta
    assert [verb for verb, _, _ in list_events()] == ["request_sync"]


def test_a_sync_of_one_database_is_asked_for_there_too(greta: Client, bank: Bank) -> None:
    database = bank.claims.database
    form = {"action": "sync_now", "_selected_action": [database.pk]}
    page = greta.post(build_address(type(database), "changelist"), form, follow=True).content.decode()
    assert (SyncRun.objects.get().catalog, SyncRun.objects.get().database) == (bank.catalog, database.name)
    assert f"The workers read {database.name} of {bank.catalog} next." in page
    type(database).objects.filter(pk=database.pk).update(tombstoned_at=clock.now())
    page = greta.post(build_address(type(database), "changelist"), form, follow=True).content.decode()
    assert f"Could not sync {database.name} of {bank.catalog}: it no longer exists" in page


@pytest.mark.parametrize("model", [Team, Person, Domain, DataProduct, Membership], ids=lambda m: m.__name__)
def test_forms_hold_no_inline_script_or_style(greta: Client, bank: Bank, model: Any) -> None:
    row = model.objects.order_by("pk").first()
    for page in (build_address(model, "add"), build_address(model, "change", row.pk)):
        answer = greta.get(page)
        assert answer.status_code == 200
        assert not INLINE_CODE.search(
            re.sub(r"<template.*?</template>", "", answer.content.decode(), flags=re.DOTALL)
        )
        assert "style-src 'self';" in answer["Content-Security-Policy"]


def test_an_accounts_roles_are_changed_with_their_event_once_they_are_confirmed(
    greta: Client, bank: Bank
) -> None:
    account = bank.bi_account
    page = greta.get(build_address(Account, "change", account.pk))
    form = page.context["adminform"].form
    fields = {name: form[name].value() for name in form.fields if form[name].value() not in {None, False}}
    roles = {"executor_role_arn": f"arn:aws:iam::{account.account_id}:role/other", "external_id": "another"}
    greta.post(build_address(Account, "change", account.pk), {**fields, **roles, "name": "BI renamed"})
    saved = Account.objects.get(pk=account.pk)
    assert (saved.name, saved.external_id) == ("BI renamed", account.external_id)
    change = RoleChange.objects.get()
    confirm_role_change(factories.make_admin("Hanna Berg"), change)
    saved.refresh_from_db()
    assert (saved.executor_role_arn, saved.external_id) == (roles["executor_role_arn"], "another")
    data = {"fields": ["executor_role_arn", "external_id"], "role_change": change.pk}
    told = ("change_account", f"account:{account.pk}", data)
    assert told in list_events()
