"""The page of an account's admins: the boxes, the plan that they lead to, and the deed; for others there is none."""

import re

import pytest
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from identity.accounts import LocalGroup
from identity.people.models import Person
from kernel import clock
from requests_app.grants.models import Grant
from requests_app.grants.subgrants.actions import create_local_group
from requests_app.grants.subgrants.models import Subgrant
from requests_app.targets.requested_item import RequestedItem
from tests import factories
from tests.bank import Bank, approve, submit_bank_item
from tests.portal.conftest import make_client


@pytest.fixture
def account_grant(bank: Bank, tom: Person) -> Grant:
    item = submit_bank_item(
        bank, acting_user=tom, principal=factories.make_account_principal(bank.bi_account)
    )
    return approve(bank, item)


def build_address(bank: Bank, name: str = "local-groups", *more: int) -> str:
    return reverse(name, args=[bank.bi_account.account_id, *more])


def build_ticks(group: LocalGroup, account_grant: Grant, *classes: str) -> dict[str, list[str]]:
    pair = f"{group.pk}:{account_grant.pk}"
    return {"of": [pair], "see": [f"{pair}:{name}" for name in classes]}


def test_the_owner_reads_what_can_be_passed_on_and_that_it_can(bank: Bank, tom: Person) -> None:
    item = submit_bank_item(
        bank, acting_user=tom, principal=factories.make_account_principal(bank.bi_account)
    )
    page = make_client(bank.ines).get(reverse("review", args=[item.pk])).content.decode()
    assert f"for account {bank.bi_account.account_id}, to pass on" in page
    assert f"he admins of account {bank.bi_account.account_id} decide" in page


def test_a_partition_key_is_named_beside_its_table(bank: Bank, tom: Person, group: LocalGroup) -> None:
    visits = factories.make_table(bank.claims.database, "visits", ("id", "name"), partition_keys=["ward"])
    item = submit_bank_item(
        bank,
        acting_user=tom,
        principal=factories.make_account_principal(bank.bi_account),
        items=[RequestedItem(visits.pk, ("id", "name"), whole_table=False, product_id=None)],
    )
    approve(bank, item)
    page = make_client(tom).get(build_address(bank)).content.decode()
    assert "ward is included with any column" in page


def test_from_the_boxes_by_the_plan_to_the_deed(
    bank: Bank, tom: Person, account_grant: Grant, group: LocalGroup
) -> None:
    client = make_client(tom)
    page = client.get(build_address(bank)).content.decode()
    assert f'value="{group.pk}:{account_grant.pk}:public"' in page
    assert "amount, claim_id" in page.replace("claim_id, amount", "amount, claim_id")
    said = build_ticks(group, account_grant, "public")
    plan = client.post(build_address(bank, "subgrants-plan"), said).content.decode()
    assert (bank.role.arn in plan, "amount, claim_id" in plan) == (True, True)
    assert not Subgrant.objects.exists()
    (shown,) = re.findall(r'name="hash" value="(\w+)"', plan)
    answer = client.post(build_address(bank, "subgrants-apply"), {**said, "hash": shown}, follow=True)
    assert "Applying" in answer.content.decode()
    assert Subgrant.objects.get().columns == ["amount", "claim_id"]
    assert f'value="{group.pk}:{account_grant.pk}:public" checked' in answer.content.decode()


def test_what_a_group_loses_is_said_to_be_removed(
    bank: Bank, tom: Person, account_grant: Grant, group: LocalGroup
) -> None:
    client = make_client(tom)
    for classes, word in ((["public"], "Applying"), ([], "Ending")):
        said = build_ticks(group, account_grant, *classes)
        plan = client.post(build_address(bank, "subgrants-plan"), said).content.decode()
        (shown,) = re.findall(r'name="hash" value="(\w+)"', plan)
        answer = client.post(build_address(bank, "subgrants-apply"), {**said, "hash": shown}, follow=True)
        assert word in answer.content.decode()


def test_a_plan_that_was_not_shown_is_not_applied(
    bank: Bank, tom: Person, account_grant: Grant, group: LocalGroup
) -> None:
    said = {**build_ticks(group, account_grant, "public"), "hash": "f" * 64}
    answer = make_client(tom).post(build_address(bank, "subgrants-apply"), said)
    assert (answer.status_code, b"different from what you saw" in answer.content) == (422, True)
    assert not Subgrant.objects.exists()


def test_groups_and_members_come_and_go(bank: Bank, tom: Person) -> None:
    client = make_client(tom)
    client.post(build_address(bank, "local-group-new"), {"name": "Actuaries"})
    group = LocalGroup.objects.get()
    answer = client.post(reverse("local-group-members", args=[group.pk]), {"arn": "nobody"})
    assert (answer.status_code, b"This is not a role of" in answer.content) == (422, True)
    client.post(reverse("local-group-members", args=[group.pk]), {"arn": bank.role.arn})
    assert bank.role.arn in client.get(build_address(bank)).content.decode()
    client.post(reverse("local-group-member-delete", args=[group.pk, group.members.get().pk]))
    assert group.members.get().removed_at is not None
    client.post(reverse("local-group-delete", args=[group.pk]))
    assert LocalGroup.objects.get().ended_at is not None


@pytest.mark.parametrize("who", ["ana", "ines", "sam"])
def test_for_others_there_is_no_such_page(
    bank: Bank, tom: Person, account_grant: Grant, group: LocalGroup, who: str
) -> None:
    client = make_client(getattr(bank, who))
    forbidden, absent = (
        client.get(build_address(bank)),
        client.get(reverse("local-groups", args=["000000000000"])),
    )
    assert forbidden.status_code == absent.status_code == 404
    for name in ("subgrants-plan", "subgrants-apply", "local-group-new"):
        assert (
            client.post(build_address(bank, name), build_ticks(group, account_grant, "public")).status_code
            == 404
        )
    assert client.post(reverse("local-group-delete", args=[group.pk])).status_code == 404
    assert LocalGroup.objects.get().ended_at is None


def test_who_reads_the_whole_mesh_reads_it_and_changes_nothing(
    bank: Bank, tom: Person, account_grant: Grant, group: LocalGroup
) -> None:
    client = make_client(bank.greta)
    page = client.get(build_address(bank)).content.decode()
    assert ("Actuaries" in page, "Preview changes" in page) == (True, False)
    assert client.post(reverse("local-group-delete", args=[group.pk])).status_code == 404
    assert LocalGroup.objects.get().ended_at is None


@pytest.mark.parametrize("said", [{"of": ["x"]}, {"of": ["1:2:3"]}, {"see": ["1:2:public"]}, {"of": ["7:7"]}])
def test_a_form_that_was_made_up_finds_nothing(bank: Bank, tom: Person, said: dict[str, list[str]]) -> None:
    assert make_client(tom).post(build_address(bank, "subgrants-plan"), said).status_code == 404


def test_the_admins_find_it_from_their_access(bank: Bank, tom: Person) -> None:
    assert build_address(bank) in make_client(tom).get(reverse("grants")).content.decode()
    assert build_address(bank) not in make_client(bank.ana).get(reverse("grants")).content.decode()


def test_more_groups_and_envelopes_cost_no_more_queries(
    bank: Bank,
    tom: Person,
    account_grant: Grant,
    group: LocalGroup,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    client = make_client(tom)
    client.get(build_address(bank))
    with django_assert_max_num_queries(24) as caught:
        client.get(build_address(bank))
    first = len(caught)
    table = factories.make_table(bank.claims.database, "policies")
    approve(
        bank,
        submit_bank_item(
            bank, acting_user=tom, principal=factories.make_account_principal(bank.bi_account), idempotency_key="form-2",
            items=[RequestedItem(table.pk, ("amount",), False, None)],
        ),
    )  # fmt: skip
    create_local_group(acting_user=tom, account_id=bank.bi_account.account_id, name="Others", now=clock.now())
    client.get(build_address(bank))
    with django_assert_max_num_queries(first):
        client.get(build_address(bank))
