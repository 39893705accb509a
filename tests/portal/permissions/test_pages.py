"""The permissions pages: who sees what, what stands where, what is asked before anything is done."""

import csv
import io
from urllib.parse import urlencode

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse

from catalog.products.models import DataProduct
from fulfilment.intents.models import Intent
from fulfilment.observations.models import ObservedPermission
from fulfilment.permissions.models import DriftFinding, PermissionRemoval
from identity.people.models import Membership, Person, PlatformRole
from kernel import clock
from lakeformation.drift import DifferenceKind
from lakeformation.observation.reading import IAM_ALLOWED_PRINCIPALS
from lakeformation.values.tag_expressions import TagExpression, TagPolicy
from requests_app.grants.models import Grant
from tests import factories
from tests.bank import Bank, approve, submit_bank_item
from tests.database import as_role
from tests.portal.conftest import make_client
from tests.requests_app.lf_tags_request import assign_tags
from tests.requests_app.review.test_column_holds import make_hold, submit_whole_table


def observe(bank: Bank, arn: str, columns: dict[str, list[str]], verb: str = "SELECT") -> ObservedPermission:
    with as_role("meshmarket_worker"):
        return ObservedPermission.objects.create(
            catalog=bank.catalog, principal_arn=arn, database="insurance_gold", table="claims", verb=verb,
            columns=columns, seen_at=clock.now(),
        )  # fmt: skip


def add_finding(bank: Bank, kind: DifferenceKind = DifferenceKind.MISSING, **fields: object) -> DriftFinding:
    now = clock.now()
    told = {"database": "insurance_gold", "text": "SELECT was taken", "key": "k", **fields}
    with as_role("meshmarket_worker"):
        return DriftFinding.objects.create(
            catalog=bank.catalog, kind=kind, first_seen_at=now, last_seen_at=now, **told
        )


def get_ledger_address(bank: Bank) -> str:
    return f"{reverse('permissions')}?catalog={bank.catalog.short_name}"


@pytest.mark.parametrize(("name", "sees"), [("ines", 200), ("greta", 200), ("ana", 404), ("sam", 404)])
def test_owners_and_those_who_govern_see_it(bank: Bank, name: str, sees: int) -> None:
    person: Person = getattr(bank, name)
    client = make_client(person)
    observed = observe(bank, bank.role.arn, {"include": ["amount"]})
    found = add_finding(bank)
    pages = [
        get_ledger_address(bank),
        f"{reverse('permissions')}?catalog={bank.catalog.short_name}&format=csv",
    ]
    pages += [reverse(f"permission-{deed}", args=[observed.pk]) for deed in ("adopt", "remove")]
    pages.append(reverse("drift-finding-acknowledge", args=[found.pk]))
    assert [client.get(page).status_code for page in pages] == [sees] * 5


def test_each_line_says_how_it_stands_and_links_its_grants(bank: Bank) -> None:
    grant = approve(bank, submit_bank_item(bank))
    observe(bank, bank.role.arn, {"include": ["claim_id", "iban"]})
    page = make_client(bank.ines).get(get_ledger_address(bank))
    lines = {(row.line.status, row.line.permission.verb, row.scope_text) for row in page.context["rows"]}
    assert lines == {
        ("managed", "SELECT", "claim_id"),
        ("missing", "SELECT", "amount"),
        ("unmanaged", "SELECT", "iban"),
        ("missing", "DESCRIBE", ""),
    }
    link = reverse("access-request", args=[grant.item.request_id])
    assert f'<a href="{link}">requested by Ana Keller</a>' in page.content.decode()


def test_a_steward_reads_it_all_and_is_led_to_nothing_that_is_not_theirs(bank: Bank) -> None:
    grant = approve(bank, submit_whole_table(bank))
    observe(bank, factories.make_principal(bank.bi_account, "by-hand").arn, {"include": ["iban"]})
    add_finding(bank)
    release = reverse("hold-release", args=[make_hold(bank, grant).pk])
    steward = factories.make_person("Ruth Stein")
    with as_role("meshmarket_owner"):
        PlatformRole.objects.create(person=steward, role=PlatformRole.Role.STEWARD)
    pages = {
        one: make_client(one).get(get_ledger_address(bank)).content.decode() for one in (steward, bank.greta)
    }
    links = (
        "adopt/",
        "remove/",
        "acknowledge/",
        release,
        reverse("access-request", args=[grant.item.request_id]),
    )
    assert [link in pages[bank.greta] for link in links] == [True] * 5
    assert [link in pages[steward] for link in links] == [False] * 5
    assert ">grant</span>" in pages[steward]


def test_why_is_asked_of_tables_alone_that_one_may_look_at(bank: Bank) -> None:
    observe(bank, bank.role.arn, {"include": ["iban"]})
    DataProduct.objects.update(is_published=False)
    why = reverse("access-explanation", args=[bank.claims.pk])
    pages = [
        make_client(one).get(get_ledger_address(bank)).content.decode() for one in (bank.ines, bank.greta)
    ]
    assert [why in page for page in pages] == [True, False]


def test_filters_stand_in_the_address_and_in_the_file(bank: Bank) -> None:
    observe(bank, "arn:aws:iam::999999999999:role/old-export", {"include": ["iban"]})
    observe(bank, IAM_ALLOWED_PRINCIPALS, {"except": []}, "ALL")
    asked = {"principal": "OLD-", "kind": "unmanaged", "database": "insurance_gold"}
    ines = make_client(bank.ines)
    assert [
        row.holder for row in ines.get(f"{get_ledger_address(bank)}&{urlencode(asked)}").context["rows"]
    ] == ["old-export"]
    file = ines.get(f"{get_ledger_address(bank)}&format=csv&{urlencode(asked)}")
    head, *rows = csv.reader(io.StringIO(file.content.decode()))
    assert head[:4] == ["standing", "database", "table", "verb"]
    assert [row[:5] for row in rows] == [["unmanaged", "insurance_gold", "claims", "SELECT", "iban"]]


def test_a_permission_is_adopted_by_form_with_owner_end_and_reason(bank: Bank) -> None:
    row = observe(bank, bank.role.arn, {"include": ["amount"]})
    ines, address = make_client(bank.ines), reverse("permission-adopt", args=[row.pk])
    shown = ines.get(address).context["effects_hash"]
    said = {
        "effects_hash": shown, "owner": bank.ana.pk, "reason": "Nightly export since 2021",
        "ends_on": f"{factories.days_from_now(30):%Y-%m-%d}",
    }  # fmt: skip
    assert ines.post(address, said | {"reason": ""}).status_code == 422
    assert ines.post(address, said | {"effects_hash": "another"}).status_code == 422
    assert not Grant.objects.exists()
    assert ines.post(address, said)["Location"] == get_ledger_address(bank)
    grant = Grant.objects.get()
    assert (grant.item.requester, grant.item.columns) == (bank.ana, ["amount"])
    assert Intent.objects.get().access.adoption


def test_a_removal_is_ordered_by_form_with_its_effect_shown(bank: Bank) -> None:
    row = observe(bank, IAM_ALLOWED_PRINCIPALS, {"except": []}, "ALL")
    greta, address = make_client(bank.greta), reverse("permission-remove", args=[row.pk])
    page = greta.get(address)
    assert "Every role that IAM allows loses ALL" in page.content.decode()
    key = page.context["line"].key
    assert greta.post(address, {"idempotency_key": key, "reason": ""}).status_code == 422
    assert (
        greta.post(address, {"idempotency_key": "another", "reason": "Nobody needs it."}).status_code == 422
    )
    assert not PermissionRemoval.objects.exists()
    assert "insurance_gold.claims" in page.content.decode()
    assert greta.post(address, {"idempotency_key": key, "reason": "Nobody needs it."})[
        "Location"
    ] == get_ledger_address(bank)
    assert PermissionRemoval.objects.get().ordered_by == bank.greta
    page = greta.get(get_ledger_address(bank))
    assert "removal requested by" in page.content.decode()
    assert [row.line.status for row in page.context["rows"]] == ["ending"]
    assert [str(one) for one in get_messages(greta.get(address).wsgi_request)] == [
        "This permission is already being removed. You can follow it under Permissions."
    ]


def test_lines_ask_again_while_one_of_them_is_being_removed(bank: Bank) -> None:
    row = observe(bank, IAM_ALLOWED_PRINCIPALS, {"except": []}, "ALL")
    greta = make_client(bank.greta)
    page = greta.get(get_ledger_address(bank))
    assert page.context["poll_url"] == ""
    address, key = reverse("permission-remove", args=[row.pk]), page.context["rows"][0].line.key
    greta.post(address, {"idempotency_key": key, "reason": "Nobody needs it."})
    poll = greta.get(f"{get_ledger_address(bank)}&kind=ending").context["poll_url"]
    assert greta.get(poll, headers={"HX-Request": "true"}).status_code == 204
    with as_role("meshmarket_worker"):
        row.delete()
    lines = greta.get(poll, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in lines
    assert "hx-trigger" not in lines


def test_what_is_held_by_tags_is_removed_by_its_expression(bank: Bank) -> None:
    policy = TagPolicy("TABLE", TagExpression.from_values({"domain": ["insurance"]}))
    with as_role("meshmarket_worker"):
        row = ObservedPermission.objects.create(
            catalog=bank.catalog, principal_arn="arn:aws:iam::320000000002:role/ds", database="", table="",
            verb="SELECT", columns={"except": []}, tagged=policy.key, policy=policy.to_json(), seen_at=clock.now(),
        )  # fmt: skip
    page = make_client(bank.greta).get(reverse("permission-remove", args=[row.pk]))
    assert "tables with domain" in page.content.decode()


def test_what_is_held_by_tags_is_adopted_with_what_it_opens_shown(bank: Bank) -> None:
    assign_tags(bank.claims, {"domain": "insurance"})
    policy = TagPolicy("TABLE", TagExpression.from_values({"domain": ["insurance"]}))
    with as_role("meshmarket_worker"):
        row = ObservedPermission.objects.create(
            catalog=bank.catalog, principal_arn=bank.role.arn, database="", table="", verb="SELECT",
            columns={"except": []}, tagged=policy.key, policy=policy.to_json(), seen_at=clock.now(),
        )  # fmt: skip
    greta, address = make_client(bank.greta), reverse("permission-adopt", args=[row.pk])
    assert address in greta.get(get_ledger_address(bank)).content.decode()
    assert "Only a data owner" in greta.get(address).content.decode()
    page = make_client(bank.ines).get(address)
    assert "opens insurance_gold.claims: 3 of 3 columns" in page.content.decode()
    assert "Anything tagged like this later is included at once" in page.content.decode()
    said = {
        "effects_hash": page.context["effects_hash"], "owner": bank.ana.pk, "reason": "Nightly export since 2021",
        "ends_on": f"{factories.days_from_now(30):%Y-%m-%d}",
    }  # fmt: skip
    assert make_client(bank.ines).post(address, said)["Location"] == get_ledger_address(bank)
    assert Grant.objects.get().item.tags == {"domain": ["insurance"]}


def test_what_an_account_holds_is_adopted_with_what_goes_with_it_shown(bank: Bank) -> None:
    whole = factories.make_account_principal(bank.bi_account)
    tom = factories.make_person("Tom Brandt")
    factories.add_members(bank.bi, Membership.Role.ACCOUNT_ADMIN, [tom])
    row = observe(bank, whole.arn, {"include": ["amount"]})
    with as_role("meshmarket_worker"):
        ObservedPermission.objects.filter(pk=row.pk).update(grantable=True)
    row = observe(bank, whole.arn, {"include": ["amount"]})
    ines, address = make_client(bank.ines), reverse("permission-adopt", args=[row.pk])
    here = ines.get(get_ledger_address(bank))
    assert [(one.scope_text, one.may_adopt) for one in here.context["rows"]] == [
        ("amount", True), ("can pass it on; amount", False),
    ]  # fmt: skip
    assert f"the whole account {whole.arn}" in here.content.decode()
    assert "The right to pass something on is adopted with the permission" in here.content.decode()
    page = ines.get(address)
    assert page.context["effect_lines"] == [
        f"SELECT on insurance_gold.claims (1 column) for account {whole.arn}",
        f"SELECT on insurance_gold.claims (1 column) for account {whole.arn}, to pass on",
    ]
    assert "The account's administrators decide" in page.content.decode()
    assert list(page.context["form"].fields["owner"].queryset) == [tom]
    said = {
        "effects_hash": page.context["effects_hash"], "owner": tom.pk, "reason": "Shared since 2021",
        "ends_on": f"{factories.days_from_now(30):%Y-%m-%d}",
    }  # fmt: skip
    assert ines.post(address, said)["Location"] == get_ledger_address(bank)
    assert Grant.objects.get().intent.access.is_account_grant
