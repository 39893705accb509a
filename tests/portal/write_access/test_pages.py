"""The pages of write access: ask, decide, end; and what is refused keeps its text."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from decisions.states import DecisionState
from fulfilment.intents.models import Intent
from identity.accounts import Principal
from identity.people.models import Person
from requests_app.notifications.models import Notification
from requests_app.write_access.models import WriteRequest
from tests.bank import Bank
from tests.portal.conftest import make_client
from tests.requests_app.notifications.projection import project_all_events
from tests.write_access import ask_to_write


def build_form(bank: Bank, pipeline: Principal, **changes: Any) -> dict[str, Any]:
    return {
        "table": bank.claims.pk, "principal": pipeline.pk, "verbs": ["INSERT"], "purpose": "The nightly load.",
        "ends_on": f"{timezone.localdate() + timedelta(days=30):%Y-%m-%d}",
    } | changes  # fmt: skip


def decide(person: Person, row: WriteRequest, do: str, comment: str = "", **changes: str) -> Any:
    client = make_client(person)
    page = client.get(reverse("write-request", args=[row.pk])).content.decode()
    shown = page.partition('name="effects_hash" value="')[2][:64]
    said = {"do": do, "comment": comment, "effects_hash": shown} | changes
    return client.post(reverse("write-request-decide", args=[row.pk]), said, follow=True)


def test_a_data_owner_approves_what_a_colleague_asked_for(bank: Bank, pipeline: Principal) -> None:
    client, address = make_client(bank.ines), reverse("write-request-new")
    table = client.get(reverse("table", args=[bank.claims.pk])).content.decode()
    assert f"{address}?table={bank.claims.pk}" in table
    form = client.get(f"{address}?table={bank.claims.pk}").content.decode()
    assert f'<option value="{bank.claims.pk}" selected>' in form
    answer = client.post(address, build_form(bank, pipeline, verbs=["INSERT", "DELETE"]), follow=True)
    assert "A data owner of the domain decides." in answer.content.decode()
    row = WriteRequest.objects.get()
    assert row.verbs == ["DELETE", "INSERT"]
    own = client.get(reverse("write-request", args=[row.pk])).content.decode()
    assert ('value="approve"' in own, 'value="withdraw"' in own) == (False, True)
    page = decide(bank.ivo, row, "approve").content.decode()
    assert "Approved. The role gets its write access now." in page
    assert "Applying" in page
    assert Intent.objects.get().kind == Intent.Kind.WRITE


def test_other_effects_than_shown_are_refused(bank: Bank, pipeline: Principal) -> None:
    row = ask_to_write(bank.ines, bank.claims, pipeline)
    answer = decide(bank.ivo, row, "approve", effects_hash="0" * 64)
    assert (answer.status_code, Intent.objects.count()) == (422, 0)


def test_a_rejection_needs_a_reason(bank: Bank, pipeline: Principal) -> None:
    row = ask_to_write(bank.ines, bank.claims, pipeline)
    answer = decide(bank.ivo, row, "reject")
    assert (answer.status_code, 'id="comment-error"' in answer.content.decode()) == (422, True)
    assert "Not needed." in decide(bank.ivo, row, "reject", "Not needed.").content.decode()
    assert WriteRequest.objects.get().state == DecisionState.REJECTED


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"verbs": []}, "verbs-error"),
        ({"verbs": ["SELECT"]}, "verbs-error"),
        ({"purpose": ""}, "purpose-error"),
        ({"ends_on": "2020-01-01"}, "ends-error"),
        ({"ends_on": "2999-01-01"}, "ends-error"),
        ({"table": "999999"}, "table-error"),
        ({"principal": "999999"}, "principal-error"),
    ],
)
def test_what_is_not_valid_keeps_the_form(
    bank: Bank, pipeline: Principal, changes: dict[str, Any], place: str
) -> None:
    client = make_client(bank.ines)
    answer = client.post(reverse("write-request-new"), build_form(bank, pipeline, **changes))
    page = answer.content.decode()
    assert (answer.status_code, f'id="{place}"' in page, WriteRequest.objects.count()) == (422, True, 0)


def test_consumers_find_neither_form_nor_requests(bank: Bank, pipeline: Principal) -> None:
    row = ask_to_write(bank.ines, bank.claims, pipeline)
    client = make_client(bank.ana)
    for address in (reverse("write-request-new"), reverse("write-request", args=[row.pk])):
        assert client.get(address).status_code == 404
    assert "Request write access" not in client.get(reverse("table", args=[bank.claims.pk])).content.decode()
    assert "insurance_gold.claims" not in client.get(reverse("write-requests")).content.decode()
    answer = client.post(reverse("write-request-new"), build_form(bank, bank.role))
    assert (answer.status_code, WriteRequest.objects.count()) == (404, 1)


def test_the_requester_withdraws_and_a_data_owner_ends(bank: Bank, pipeline: Principal) -> None:
    first = ask_to_write(bank.ines, bank.claims, pipeline)
    assert "Withdrawn." in decide(bank.ines, first, "withdraw").content.decode()
    second = ask_to_write(bank.ines, bank.claims, pipeline)
    address = reverse("write-request-end", args=[second.pk])
    assert make_client(bank.ivo).get(address).status_code == 404
    decide(bank.ivo, second, "approve")
    assert make_client(bank.ivo).post(address, {"reason": ""}).status_code == 422
    page = make_client(bank.ivo).post(address, {"reason": "It moved."}, follow=True).content.decode()
    assert ("Ended." in page, "It moved." in page) == (True, True)


def test_those_who_decide_and_who_asked_are_notified(bank: Bank, pipeline: Principal) -> None:
    row = ask_to_write(bank.ines, bank.claims, pipeline)
    decide(bank.ivo, row, "approve")
    project_all_events()
    told = Notification.objects.filter(text__contains="write access").order_by("pk")
    assert {one.person for one in told} == {bank.ivo, bank.ines}
