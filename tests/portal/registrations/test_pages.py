"""The pages of registrations: ask, decide, end; and what is refused keeps its text."""

from typing import Any

import pytest
from django.urls import reverse

from catalog.mirror.models import Table
from catalog.registrations.models import Registration
from decisions.states import DecisionState
from fulfilment.intents.models import Intent
from identity.accounts import ConnectedCatalog, Principal
from identity.people.models import Person
from requests_app.notifications.models import Notification
from tests import factories
from tests.bank import Bank
from tests.portal.conftest import make_client
from tests.portal.form_values import read_form_values
from tests.registrations import GOLD, ask, build_content, make_producer
from tests.requests_app.notifications.projection import project_all_events


@pytest.fixture
def engineer(bank: Bank) -> Principal:
    account = factories.make_account(bank.insurance, name="Insurance")
    make_producer(account, bank.domain)
    return factories.make_principal(account, "claims-pipeline")


def build_form(bank: Bank, engineer: Principal, **changes: str) -> dict[str, Any]:
    return {
        "domain": bank.domain.pk, "catalog": bank.catalog.pk, "engineer": engineer.pk, "database": "registered",
        "table": "policies", "location": f"{GOLD}policies/", "data_format": "parquet", "purpose": "For the group.",
        "columns": "policy_id string one for each policy\r\nprices  array<struct<a:int, b:int>>\r\n", "partition_keys": "day date",
        "description": "", "exception_reason": "",
    } | changes  # fmt: skip


def decide(bank: Bank, person: Person, row: Registration, do: str, comment: str = "", **changes: str) -> Any:
    client = make_client(person)
    page = client.get(reverse("registration", args=[row.pk])).content.decode()
    shown = page.partition('name="effects_hash" value="')[2][:64]
    said = {"do": do, "comment": comment, "effects_hash": shown} | changes
    return client.post(reverse("registration-decide", args=[row.pk]), said, follow=True)


def test_a_data_owner_approves_what_a_colleague_asked_for(bank: Bank, engineer: Principal) -> None:
    answer = make_client(bank.ines).post(reverse("registration-new"), build_form(bank, engineer), follow=True)
    row = Registration.objects.get()
    assert "A data owner of the domain decides." in answer.content.decode()
    assert row.columns == [
        {"name": "policy_id", "type": "string", "comment": "one for each policy"},
        {"name": "prices", "type": "array<struct<a:int,b:int>>", "comment": ""},
    ]
    own = make_client(bank.ines).get(reverse("registration", args=[row.pk])).content.decode()
    assert ('value="approve"' in own, 'value="withdraw"' in own) == (False, True)
    page = decide(bank, bank.ivo, row, "approve").content.decode()
    assert "Approved. The table is being created." in page
    assert "Applying" in page
    assert Intent.objects.filter(kind=Intent.Kind.REGISTRATION).count() == 2


def test_other_effects_than_shown_are_refused(bank: Bank, engineer: Principal) -> None:
    row = ask(bank.ines, build_content(bank.catalog, bank.domain, engineer))
    answer = decide(bank, bank.ivo, row, "approve", effects_hash="0" * 64)
    assert (answer.status_code, Intent.objects.count()) == (422, 0)
    assert "has changed since you opened the page" in answer.content.decode()


def test_a_rejection_needs_a_reason_and_keeps_the_page(bank: Bank, engineer: Principal) -> None:
    row = ask(bank.ines, build_content(bank.catalog, bank.domain, engineer))
    answer = decide(bank, bank.ivo, row, "reject")
    assert (answer.status_code, 'id="comment-error"' in answer.content.decode()) == (422, True)
    assert "Wrong name." in decide(bank, bank.ivo, row, "reject", "Wrong name.").content.decode()
    assert Registration.objects.get().state == DecisionState.REJECTED


def test_who_may_not_decide_is_told_and_changes_nothing(bank: Bank, engineer: Principal) -> None:
    row = ask(bank.ines, build_content(bank.catalog, bank.domain, engineer))
    answer = decide(bank, bank.ines, row, "approve")
    assert "You requested this registration" in answer.content.decode()
    assert decide(bank, bank.sam, row, "approve").status_code == 404
    assert Registration.objects.get().state == DecisionState.WAITING


def test_a_location_elsewhere_keeps_the_form_and_goes_to_a_governor(bank: Bank, engineer: Principal) -> None:
    client = make_client(bank.ines)
    said = build_form(bank, engineer, location="s3://elsewhere/x/")
    answer = client.post(reverse("registration-new"), said)
    page = answer.content.decode()
    assert (answer.status_code, "s3://elsewhere/x/" in page, 'id="location-error"' in page) == (
        422,
        True,
        True,
    )
    client.post(reverse("registration-new"), said | {"exception_reason": "It moves."})
    row = Registration.objects.get()
    assert "governance admin must approve" in decide(bank, bank.ivo, row, "approve").content.decode()
    assert (
        "A data owner of the domain decides next"
        in decide(bank, bank.greta, row, "except", "Fine.").content.decode()
    )
    decide(bank, bank.ivo, row, "approve")
    assert Registration.objects.get().state == DecisionState.APPROVED


def test_the_requester_withdraws_and_a_data_owner_ends(bank: Bank, engineer: Principal) -> None:
    first = ask(bank.ines, build_content(bank.catalog, bank.domain, engineer))
    assert "Withdrawn." in decide(bank, bank.ines, first, "withdraw").content.decode()
    second = ask(bank.ines, build_content(bank.catalog, bank.domain, engineer))
    address = reverse("registration-end", args=[second.pk])
    assert make_client(bank.ivo).get(address).status_code == 404
    decide(bank, bank.ivo, second, "approve")
    assert make_client(bank.ivo).post(address, {"reason": ""}).status_code == 422
    page = make_client(bank.ivo).post(address, {"reason": "It moved."}, follow=True).content.decode()
    assert ("Ended." in page, "It moved." in page) == (True, True)


@pytest.mark.parametrize("lines", ["policy_id", "a int\nA int", "a no;type", "a int\na int"])
def test_odd_columns_are_refused_at_their_field(bank: Bank, engineer: Principal, lines: str) -> None:
    answer = make_client(bank.ines).post(
        reverse("registration-new"), build_form(bank, engineer, columns=lines)
    )
    page = answer.content.decode()
    assert (answer.status_code, 'id="columns-error"' in page, Registration.objects.count()) == (422, True, 0)
    assert lines.splitlines()[0] in page


def test_the_list_shows_only_what_the_person_may_see(bank: Bank, engineer: Principal) -> None:
    ask(bank.ines, build_content(bank.catalog, bank.domain, engineer))
    for person, is_shown in ((bank.ivo, True), (bank.greta, True), (bank.ana, False)):
        page = make_client(person).get(reverse("registrations")).content.decode()
        assert ("registered.policies" in page) == is_shown
    assert make_client(bank.ana).get(reverse("registration-new")).status_code == 404


def test_the_form_is_filled_in_from_a_table_of_the_producers_catalog(bank: Bank, engineer: Principal) -> None:
    own, foreign = (
        factories.make_database(factories.make_catalog(account), None, "staging")
        for account in (engineer.account, factories.make_account(bank.bi))
    )
    ConnectedCatalog.objects.exclude(pk=bank.catalog.pk).update(kind=ConnectedCatalog.Kind.PRODUCER)
    table = factories.make_table(own, "policies", ["policy_id"], partition_keys=["day"])
    Table.objects.filter(pk=table.pk).update(location=f"{GOLD}policies/")
    hidden = factories.make_table(foreign, "secret")
    client = make_client(bank.ines)
    page = client.get(reverse("registration-new"), {"source": table.pk}).content.decode()
    values = read_form_values(page, "registration-form")
    assert (values["database"], values["table"], values["location"]) == (
        "staging",
        "policies",
        f"{GOLD}policies/",
    )
    assert (values["columns"].split()[0], values["partition_keys"].split()[0]) == ("policy_id", "day")
    other = client.get(reverse("registration-new"), {"source": hidden.pk}).content.decode()
    assert "secret" not in other


def test_columns_are_given_as_json_as_well(bank: Bank, engineer: Principal) -> None:
    said = build_form(bank, engineer, columns='[{"name": "policy_id", "type": "string"}]')
    make_client(bank.ines).post(reverse("registration-new"), said)
    assert Registration.objects.get().columns == [{"name": "policy_id", "type": "string", "comment": ""}]
    for wrong in ("[", "[1]", '[{"name": "a"}]', "[" * 9999):
        said = build_form(bank, engineer, table="other", columns=wrong)
        answer = make_client(bank.ines).post(reverse("registration-new"), said)
        assert answer.context["form"].errors.keys() == {"columns"}, wrong[:20]


def test_whose_turn_it_is_and_who_asked_are_notified(bank: Bank, engineer: Principal) -> None:
    row = ask(bank.ines, build_content(bank.catalog, bank.domain, engineer))
    outside = build_content(
        bank.catalog,
        bank.domain,
        engineer,
        table="elsewhere",
        location="s3://other/x/",
        exception_reason="Old.",
    )
    excepted = ask(bank.ines, outside)
    decide(bank, bank.ivo, row, "reject", "Not yet.")
    decide(bank, bank.greta, excepted, "except", "Fine.")
    project_all_events()
    told = {
        (one.person.name, one.event.verb)
        for one in Notification.objects.filter(event__verb__endswith="_registration")
    }
    assert told == {
        (bank.ivo.name, "request_registration"),
        (bank.greta.name, "request_registration"),
        (bank.ines.name, "reject_registration"),
        (bank.ivo.name, "except_registration"),
    }
