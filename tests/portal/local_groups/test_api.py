"""The API of an account's admins: local groups and members, the plan, and subgrants; for others there is none."""

from typing import Any

import pytest

from identity.people.models import Person
from kernel import clock
from requests_app.grants.models import Grant
from requests_app.grants.subgrants.actions import create_local_group
from requests_app.grants.subgrants.models import Subgrant
from tests import factories
from tests.bank import Bank, approve, submit_bank_item
from tests.portal.api.calls import draft, place_of, read, send
from tests.portal.conftest import make_client


@pytest.fixture
def account_grant(bank: Bank, tom: Person) -> Grant:
    return approve(
        bank,
        submit_bank_item(bank, acting_user=tom, principal=factories.make_account_principal(bank.bi_account)),
    )


def made(bank: Bank, tom: Person, name: str = "Actuaries") -> Any:
    return send(tom, "local-groups", {"account": bank.bi_account.account_id, "name": name})


def subgrants(bank: Bank, verb: str = "") -> str:
    return f"accounts/{bank.bi_account.account_id}/subgrants{verb}"


def listed(bank: Bank, tom: Person) -> list[dict[str, Any]]:
    found = read(tom, "local-groups", account=bank.bi_account.account_id)["results"]
    assert found == read(tom, "local-groups")["results"]
    return list(found)


def test_groups_and_members_come_and_go(bank: Bank, tom: Person) -> None:
    assert made(bank, tom, "").status_code == 400
    answer = made(bank, tom)
    group = answer.json()
    assert (answer.status_code, group["name"], group["members"]) == (201, "Actuaries", [])
    assert place_of(made(bank, tom, "actuaries")) == "#/name"
    members = f"local-groups/{group['id']}/members"
    assert place_of(send(tom, members, {"arn": "nobody"})) == "#/arn"
    member = send(tom, members, {"arn": bank.role.arn})
    assert (member.status_code, member.json()["arn"]) == (201, bank.role.arn)
    (shown,) = listed(bank, tom)
    assert [one["arn"] for one in shown["members"]] == [bank.role.arn]
    client = make_client(tom)
    assert client.delete(f"/api/v1/{members}/{member.json()['id']}").status_code == 204
    assert read(tom, f"local-groups/{group['id']}") == group
    assert client.delete(f"/api/v1/local-groups/{group['id']}").status_code == 204
    assert client.get(f"/api/v1/local-groups/{group['id']}").status_code == 404
    assert listed(bank, tom) == []


def test_from_the_plan_to_the_deed(bank: Bank, tom: Person, account_grant: Grant) -> None:
    group = made(bank, tom).json()["id"]
    send(tom, f"local-groups/{group}/members", {"arn": bank.role.arn})
    said = {
        "choices": [{"local_group": group, "grant": str(account_grant.pk), "classifications": ["public"]}]
    }
    plan = send(tom, subgrants(bank, "/plan"), said).json()
    (line,) = plan["changes"]
    assert line["grant"]["id"] == str(account_grant.pk)
    assert (sorted(line["added_columns"]), line["members"]) == (["amount", "claim_id"], [bank.role.arn])
    assert not Subgrant.objects.exists()
    other = send(tom, subgrants(bank, "/apply"), {**said, "plan_hash": "f" * 64})
    assert (other.status_code, "different from what you saw" in other.json()["detail"]) == (422, True)
    done = send(tom, subgrants(bank, "/apply"), {**said, "plan_hash": plan["plan_hash"]})
    assert (done.status_code, Subgrant.objects.get().columns) == (200, ["amount", "claim_id"])
    (shown,) = read(tom, subgrants(bank))["results"]
    classes = [
        (one["classification"], [who["id"] for who in one["local_groups"]]) for one in shown["classes"]
    ]
    assert classes == [("public", [group])]
    assert [(one["local_group"]["id"], one["state"]) for one in shown["subgrants"]] == [(group, "applying")]


def test_another_accounts_grant_is_not_found(bank: Bank, tom: Person, account_grant: Grant) -> None:
    group = made(bank, tom).json()["id"]
    choice = {"local_group": group, "grant": str(account_grant.pk + 1), "classifications": ["public"]}
    assert send(tom, subgrants(bank, "/plan"), {"choices": [choice]}).status_code == 404


@pytest.mark.parametrize("who", ["ana", "ines", "sam"])
def test_for_others_there_is_none(bank: Bank, tom: Person, account_grant: Grant, who: str) -> None:
    person, group = getattr(bank, who), made(bank, tom).json()["id"]
    client = make_client(person)
    for address in (
        subgrants(bank), f"local-groups?account={bank.bi_account.account_id}", f"local-groups/{group}",
    ):  # fmt: skip
        assert client.get(f"/api/v1/{address}").status_code == 404
    assert client.delete(f"/api/v1/local-groups/{group}").status_code == 404
    assert made(bank, person).status_code == 404
    assert read(person, "local-groups")["results"] == []
    assert send(person, subgrants(bank, "/plan"), {"choices": []}).status_code == 404
    assert send(person, subgrants(bank, "/apply"), {"choices": [], "plan_hash": "f"}).status_code == 404


def test_a_group_is_requested_for_through_its_account(bank: Bank, tom: Person) -> None:
    group = create_local_group(
        acting_user=tom, account_id=bank.bi_account.account_id, name="Actuaries", now=clock.now()
    )
    factories.make_account_principal(bank.bi_account)
    said = {"kind": "local_group", "local_group": str(group.pk)}
    answer = send(bank.ana, "access-requests", draft(bank, recipient=said))
    shown = answer.json()["recipient"]
    assert (answer.status_code, shown["kind"], shown["local_group"]["name"]) == (
        201,
        "local_group",
        "Actuaries",
    )
    assert shown["account"]["id"] == bank.bi_account.account_id
    wrong = draft(bank, recipient=said | {"local_group": str(group.pk + 1)})
    answer = send(bank.ana, "access-requests", wrong)
    assert (answer.status_code, place_of(answer)) == (422, "#/recipient")
