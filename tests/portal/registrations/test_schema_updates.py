"""The page and the API of schema updates: what changes, who is told, and the decision."""

from typing import Any

import pytest
from django.urls import reverse

from catalog.mirror.models import Table
from catalog.registrations.kind import REGISTRATION
from catalog.registrations.schema_updates.models import SchemaUpdate
from decisions.actions import end_proposal
from decisions.states import DecisionState
from kernel import clock
from requests_app.notifications.models import Notification
from requests_app.review.assignment.models import DecisionComment
from requests_app.targets.requested_item import RequestedItem
from tests import factories
from tests.bank import Bank, approve, submit_bank_item
from tests.portal.api.calls import read, send
from tests.portal.conftest import make_client
from tests.portal.form_values import read_form_values
from tests.requests_app.notifications.projection import project_all_events
from tests.schema_updates import change_source, find_updates, make_source, register

PREMIUM = ("premium", "decimal(12,2)")


@pytest.fixture
def update(bank: Bank) -> SchemaUpdate:
    """A column that Ana uses is removed."""
    row = register(bank)
    table = factories.make_table(
        factories.make_database(bank.catalog, bank.domain, row.database), row.table, ("policy_id", "premium")
    )
    product = factories.make_product(bank.domain, bank.ines, [table], "Policies")
    item = RequestedItem(table.pk, ("policy_id", "premium"), False, product.pk)
    approve(bank, submit_bank_item(bank, items=[item], idempotency_key="policies"))
    source = make_source(row)
    change_source(source, [PREMIUM])
    assert find_updates() == 1
    return SchemaUpdate.objects.select_related("registration").get()


def decide(bank: Bank, update: SchemaUpdate, do: str, **changes: str) -> Any:
    client, address = make_client(bank.ines), reverse("schema-update", args=[update.pk])
    fields = read_form_values(client.get(address).content.decode(), "decision-form")
    return client.post(
        reverse("schema-update-decide", args=[update.pk]), {**fields, "do": do, **changes}, follow=True
    )


def get_state(update: SchemaUpdate) -> str:
    return SchemaUpdate.objects.values_list("state", flat=True).get(pk=update.pk)


def list_told(verb: str) -> set[tuple[str, str]]:
    rows = Notification.objects.filter(event__verb=verb)
    return {(one.person.name, one.page) for one in rows.select_related("person")}


def test_one_comments_on_an_update_that_the_portal_found_itself(bank: Bank, update: SchemaUpdate) -> None:
    address = reverse("decision-comment", args=["schema_update", update.pk])
    answer = make_client(bank.ivo).post(address, {"idempotency_key": "c", "comment": "Why?"})
    assert answer.status_code == 302
    assert DecisionComment.objects.get().text == "Why?"


def test_the_data_owner_sees_what_changes_and_who_is_told_and_approves(
    bank: Bank, update: SchemaUpdate
) -> None:
    project_all_events()
    told = list_told("find_schema_update")
    assert (bank.ines.name, "schema-update") in told
    page = make_client(bank.ines).get(reverse("schema-update", args=[update.pk])).content.decode()
    assert "Column policy_id removed" in page
    assert "1 person who uses the table is notified" in page
    assert bank.ana.name in page
    assert "The table is being updated" in decide(bank, update, "approve").content.decode()
    assert get_state(update) == DecisionState.APPROVED
    project_all_events()
    assert list_told("approve_schema_update") == {(bank.ana.name, "table")}
    listed = make_client(bank.ines).get(reverse("registration", args=[update.registration_id]))
    assert reverse("schema-update", args=[update.pk]) in listed.content.decode()


def test_a_decision_that_is_not_possible_changes_nothing(bank: Bank, update: SchemaUpdate) -> None:
    assert decide(bank, update, "approve", effects_hash="0" * 64).status_code == 422
    assert decide(bank, update, "reject").status_code == 422
    assert decide(bank, update, "reject", comment="nul\0").status_code == 422
    assert decide(bank, update, "something").status_code == 400
    assert get_state(update) == DecisionState.WAITING
    assert make_client(bank.ana).get(reverse("schema-update", args=[update.pk])).status_code == 404
    decide(bank, update, "reject", comment="We need it.")
    assert get_state(update) == DecisionState.REJECTED
    assert find_updates() == 0
    Table.objects.filter(pk=update.source_id).update(digest="read again")
    assert find_updates() == 0


def test_a_later_change_replaces_the_one_that_waits(bank: Bank, update: SchemaUpdate) -> None:
    change_source(update.source, [PREMIUM, ("broker", "string")])
    assert find_updates() == 1
    assert get_state(update) == DecisionState.LAPSED
    later = SchemaUpdate.objects.get(state=DecisionState.WAITING)
    comments = {"policy_id": "one for each policy"}
    change_source(later.source, [("policy_id", "string"), PREMIUM], comments)
    assert find_updates() == 0
    assert get_state(later) == DecisionState.LAPSED


def test_it_is_read_and_decided_by_the_api(bank: Bank, update: SchemaUpdate) -> None:
    address = f"schema-updates/{update.pk}"
    (said,) = read(bank.ines, f"registrations/{update.registration_id}/schema-updates")["results"]
    assert (said["state"], said["is_breaking"], said["changes"][0]["what"]) == (
        "proposed", True, "column_removed",
    )  # fmt: skip
    shown = {"effects_hash": said["effects_hash"]}
    assert send(bank.ivo, f"{address}/approve", {"effects_hash": "0" * 64}).status_code == 422
    assert send(bank.ana, f"{address}/approve", shown).status_code == 404
    assert send(bank.ivo, f"{address}/approve", shown).json()["state"] == "approved"
    assert send(bank.ivo, f"{address}/reject", {"reason": "Too late."}).status_code == 409


def test_an_update_of_an_ended_registration_is_not_decided(bank: Bank, update: SchemaUpdate) -> None:
    end_proposal(
        kind=REGISTRATION,
        acting_user=bank.ines,
        pk=update.registration_id,
        reason="Moved.",
        now=clock.now(),
    )
    page = make_client(bank.ines).get(reverse("schema-update", args=[update.pk])).content.decode()
    assert "decision-form" not in page
