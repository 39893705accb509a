"""The API of an account's admins: groups and members, the plan, and the deed; for others there is none."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from audit import clock
from identity.people.models import Person
from requests_app.grants.models import Grant
from requests_app.grants.subgrants.actions import make_group
from requests_app.grants.subgrants.models import LocalGrant
from tests import factories
from tests.bank import Bank, approve, asked_item
from tests.portal.conftest import signed_in
from tests.portal.request_form.test_api import form, post


@pytest.fixture
def envelope(bank: Bank, tom: Person) -> Grant:
    return approve(bank, asked_item(bank, acting_user=tom, principal=factories.whole(bank.bi_account)))


def address(bank: Bank, name: str = "api-groups", *more: int) -> str:
    return reverse(name, args=[bank.bi_account.account_id, *more])


def sent(client: Client, where: str, body: dict[str, Any] | None = None) -> tuple[int, Any]:
    answer = client.post(where, body or {}, content_type="application/json")
    return answer.status_code, answer.json()


def test_groups_and_members_come_and_go(bank: Bank, tom: Person) -> None:
    client = signed_in(tom)
    assert sent(client, address(bank), {"name": ""})[0] == 400
    status, made = sent(client, address(bank), {"name": "Actuaries"})
    assert (status, made["name"], made["members"]) == (201, "Actuaries", [])
    assert sent(client, address(bank), {"name": "actuaries"})[1]["field"] == "name"
    members = address(bank, "api-member-add", made["id"])
    assert sent(client, members, {"arn": "nobody"})[1]["field"] == "arn"
    status, member = sent(client, members, {"arn": bank.role.arn})
    assert (status, member["arn"]) == (201, bank.role.arn)
    (group,) = client.get(address(bank)).json()["groups"]
    assert [one["arn"] for one in group["members"]] == [bank.role.arn]
    assert sent(client, address(bank, "api-member-remove", member["id"]))[0] == 200
    assert sent(client, address(bank, "api-group-end", made["id"])) == (200, made)
    assert client.get(address(bank)).json()["groups"] == []


def test_from_the_plan_to_the_deed(bank: Bank, tom: Person, envelope: Grant) -> None:
    client = signed_in(tom)
    group = sent(client, address(bank), {"name": "Actuaries"})[1]["id"]
    sent(client, address(bank, "api-member-add", group), {"arn": bank.role.arn})
    said = {"choices": [{"group": group, "grant": envelope.pk, "classes": ["public"]}]}
    plan = sent(client, address(bank, "api-groups-plan"), said)[1]
    (line,) = plan["lines"]
    assert (sorted(line["adds"]), line["members"]) == (["amount", "claim_id"], [bank.role.arn])
    assert not LocalGrant.objects.exists()
    other = sent(client, address(bank, "api-groups-apply"), {**said, "plan_hash": "f" * 64})
    assert (other[0], "different from what you saw" in other[1]["message"]) == (400, True)
    done = sent(client, address(bank, "api-groups-apply"), {**said, "plan_hash": plan["plan_hash"]})
    assert (done[0], LocalGrant.objects.get().columns) == (200, ["amount", "claim_id"])
    (shown,) = client.get(address(bank)).json()["envelopes"]
    assert [(one["classification"], one["groups"]) for one in shown["classes"]] == [("public", [group])]
    assert [(one["group"], one["state"]) for one in shown["states"]] == [(group, "applying")]


def test_another_accounts_envelope_is_not_found(bank: Bank, tom: Person, envelope: Grant) -> None:
    client = signed_in(tom)
    group = sent(client, address(bank), {"name": "Actuaries"})[1]["id"]
    said = {"choices": [{"group": group, "grant": envelope.pk + 1, "classes": ["public"]}]}
    assert sent(client, address(bank, "api-groups-plan"), said)[0] == 404


@pytest.mark.parametrize("who", ["ana", "ines", "sam"])
def test_for_others_there_is_none(bank: Bank, tom: Person, envelope: Grant, who: str) -> None:
    client = signed_in(getattr(bank, who))
    assert client.get(address(bank)).status_code == 404
    assert sent(client, address(bank), {"name": "Actuaries"})[0] == 404
    assert sent(client, address(bank, "api-groups-plan"), {"choices": []})[0] == 404
    assert sent(client, address(bank, "api-groups-apply"), {"choices": [], "plan_hash": "f"})[0] == 404


def test_a_group_is_asked_for_through_its_account(bank: Bank, tom: Person) -> None:
    group = make_group(
        acting_user=tom, account_id=bank.bi_account.account_id, name="Actuaries", now=clock.now()
    )
    whole, ana = factories.whole(bank.bi_account), signed_in(bank.ana)
    answer = post(ana, form(bank, principal=whole.arn, group=group.pk))
    assert (answer.status_code, answer.json()["group"]) == (201, {"id": group.pk, "name": "Actuaries"})
    for wrong in ({"group": group.pk + 1}, {"group": group.pk, "principal": bank.role.arn}):
        answer = post(ana, form(bank, **{"principal": whole.arn, "submission_key": "form-2"} | wrong))
        assert (answer.status_code, answer.json()["field"]) == (400, "group")
