"""The ledger's pages: who sees what, what stands where, what is asked before anything is done."""

import csv
import io
from urllib.parse import urlencode

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse

from audit import clock
from catalog.products.models import DataProduct
from fulfilment.intents.models import Intent
from fulfilment.ledger.models import Finding, Removal
from fulfilment.observations.models import Observed
from identity.people.models import Membership, Person, PlatformRole
from lakeformation.drift.differences import Kind
from lakeformation.observation.reading import IAM_ALLOWED_PRINCIPALS
from lakeformation.values.tag_expressions import TagExpression, TagPolicy
from requests_app.grants.models import Grant
from tests import factories
from tests.bank import Bank, approve, asked_item
from tests.database import as_role
from tests.portal.conftest import signed_in
from tests.requests_app.lf_tags_request import carry
from tests.requests_app.review.test_column_holds import held, whole


def observe(bank: Bank, arn: str, columns: dict[str, list[str]], verb: str = "SELECT") -> Observed:
    with as_role("meshmarket_worker"):
        return Observed.objects.create(
            catalog=bank.catalog, principal_arn=arn, database="insurance_gold", table="claims", verb=verb,
            columns=columns, seen_at=clock.now(),
        )  # fmt: skip


def note(bank: Bank, kind: Kind = Kind.MISSING, **fields: object) -> Finding:
    now = clock.now()
    told = {"database": "insurance_gold", "text": "SELECT was taken", "key": "k", **fields}
    with as_role("meshmarket_worker"):
        return Finding.objects.create(
            catalog=bank.catalog, kind=kind, first_seen_at=now, last_seen_at=now, **told
        )


def ledger(bank: Bank) -> str:
    return f"{reverse('permissions')}?catalog={bank.catalog.short_name}"


@pytest.mark.parametrize(("name", "sees"), [("ines", 200), ("greta", 200), ("ana", 404), ("sam", 404)])
def test_owners_and_those_who_govern_see_it(bank: Bank, name: str, sees: int) -> None:
    person: Person = getattr(bank, name)
    client = signed_in(person)
    observed = observe(bank, bank.role.arn, {"include": ["amount"]})
    found = note(bank)
    pages = [ledger(bank), f"{reverse('permissions')}?catalog={bank.catalog.short_name}&format=csv"]
    pages += [reverse(f"permission-{deed}", args=[observed.pk]) for deed in ("adopt", "remove")]
    pages.append(reverse("drift-finding-acknowledge", args=[found.pk]))
    assert [client.get(page).status_code for page in pages] == [sees] * 5


def test_each_line_says_how_it_stands_and_links_its_grants(bank: Bank) -> None:
    grant = approve(bank, asked_item(bank))
    observe(bank, bank.role.arn, {"include": ["claim_id", "iban"]})
    page = signed_in(bank.ines).get(ledger(bank))
    lines = {(row.line.standing, row.line.permission.verb, row.what) for row in page.context["rows"]}
    assert lines == {
        ("managed", "SELECT", "claim_id"),
        ("missing", "SELECT", "amount"),
        ("unmanaged", "SELECT", "iban"),
        ("missing", "DESCRIBE", ""),
    }
    link = reverse("access-request", args=[grant.item.request_id])
    assert f'<a href="{link}">requested by Ana Keller</a>' in page.content.decode()


def test_a_steward_reads_it_all_and_is_led_to_nothing_that_is_not_theirs(bank: Bank) -> None:
    grant = approve(bank, whole(bank))
    observe(bank, factories.make_principal(bank.bi_account, "by-hand").arn, {"include": ["iban"]})
    note(bank)
    release = reverse("hold-release", args=[held(bank, grant).pk])
    steward = factories.make_person("Ruth Stein")
    PlatformRole.objects.create(person=steward, role=PlatformRole.Role.STEWARD)
    pages = {one: signed_in(one).get(ledger(bank)).content.decode() for one in (steward, bank.greta)}
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
    pages = [signed_in(one).get(ledger(bank)).content.decode() for one in (bank.ines, bank.greta)]
    assert [why in page for page in pages] == [True, False]


def test_filters_stand_in_the_address_and_in_the_file(bank: Bank) -> None:
    observe(bank, "arn:aws:iam::999999999999:role/old-export", {"include": ["iban"]})
    observe(bank, IAM_ALLOWED_PRINCIPALS, {"except": []}, "ALL")
    asked = {"principal": "OLD-", "kind": "unmanaged", "database": "insurance_gold"}
    ines = signed_in(bank.ines)
    assert [row.holder for row in ines.get(f"{ledger(bank)}&{urlencode(asked)}").context["rows"]] == [
        "old-export"
    ]
    file = ines.get(f"{ledger(bank)}&format=csv&{urlencode(asked)}")
    head, *rows = csv.reader(io.StringIO(file.content.decode()))
    assert head[:4] == ["standing", "database", "table", "verb"]
    assert [row[:5] for row in rows] == [["unmanaged", "insurance_gold", "claims", "SELECT", "iban"]]


def test_a_permission_is_adopted_by_form_with_owner_end_and_reason(bank: Bank) -> None:
    row = observe(bank, bank.role.arn, {"include": ["amount"]})
    ines, address = signed_in(bank.ines), reverse("permission-adopt", args=[row.pk])
    shown = ines.get(address).context["hash"]
    said = {
        "effects_hash": shown, "owner": bank.ana.pk, "reason": "Nightly export since 2021",
        "ends_on": f"{factories.days_from_now(30):%Y-%m-%d}",
    }  # fmt: skip
    assert ines.post(address, said | {"reason": ""}).status_code == 422
    assert ines.post(address, said | {"effects_hash": "another"}).status_code == 422
    assert not Grant.objects.exists()
    assert ines.post(address, said)["Location"] == ledger(bank)
    grant = Grant.objects.get()
    assert (grant.item.requester, grant.item.columns) == (bank.ana, ["amount"])
    assert Intent.objects.get().wanted["adopted"] is True


def test_a_removal_is_ordered_by_form_with_its_effect_shown(bank: Bank) -> None:
    row = observe(bank, IAM_ALLOWED_PRINCIPALS, {"except": []}, "ALL")
    greta, address = signed_in(bank.greta), reverse("permission-remove", args=[row.pk])
    page = greta.get(address)
    assert "Every role that IAM allows loses ALL" in page.content.decode()
    key = page.context["line"].key
    assert greta.post(address, {"key": key, "reason": ""}).status_code == 422
    assert greta.post(address, {"key": "another", "reason": "Nobody needs it."}).status_code == 422
    assert not Removal.objects.exists()
    assert "insurance_gold.claims" in page.content.decode()
    assert greta.post(address, {"key": key, "reason": "Nobody needs it."})["Location"] == ledger(bank)
    assert Removal.objects.get().ordered_by == bank.greta
    page = greta.get(ledger(bank))
    assert "removal requested by" in page.content.decode()
    assert [row.line.standing for row in page.context["rows"]] == ["ending"]
    assert [str(one) for one in get_messages(greta.get(address).wsgi_request)] == [
        "This permission is already being removed. You can follow it under Permissions."
    ]


def test_lines_ask_again_while_one_of_them_is_being_removed(bank: Bank) -> None:
    row = observe(bank, IAM_ALLOWED_PRINCIPALS, {"except": []}, "ALL")
    greta = signed_in(bank.greta)
    page = greta.get(ledger(bank))
    assert page.context["poll"] == ""
    address, key = reverse("permission-remove", args=[row.pk]), page.context["rows"][0].line.key
    greta.post(address, {"key": key, "reason": "Nobody needs it."})
    poll = greta.get(f"{ledger(bank)}&kind=ending").context["poll"]
    assert greta.get(poll, headers={"HX-Request": "true"}).status_code == 204
    with as_role("meshmarket_worker"):
        row.delete()
    lines = greta.get(poll, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in lines
    assert "hx-trigger" not in lines


def test_what_is_held_by_tags_is_removed_by_its_expression(bank: Bank) -> None:
    policy = TagPolicy("TABLE", TagExpression.of({"domain": ["insurance"]}))
    with as_role("meshmarket_worker"):
        row = Observed.objects.create(
            catalog=bank.catalog, principal_arn="arn:aws:iam::320000000002:role/ds", database="", table="",
            verb="SELECT", columns={"except": []}, tagged=policy.key, policy=policy.to_json(), seen_at=clock.now(),
        )  # fmt: skip
    page = signed_in(bank.greta).get(reverse("permission-remove", args=[row.pk]))
    assert "tables with domain" in page.content.decode()


def test_what_is_held_by_tags_is_adopted_with_what_it_opens_shown(bank: Bank) -> None:
    carry(bank.claims, {"domain": "insurance"})
    policy = TagPolicy("TABLE", TagExpression.of({"domain": ["insurance"]}))
    with as_role("meshmarket_worker"):
        row = Observed.objects.create(
            catalog=bank.catalog, principal_arn=bank.role.arn, database="", table="", verb="SELECT",
            columns={"except": []}, tagged=policy.key, policy=policy.to_json(), seen_at=clock.now(),
        )  # fmt: skip
    greta, address = signed_in(bank.greta), reverse("permission-adopt", args=[row.pk])
    assert address in greta.get(ledger(bank)).content.decode()
    assert "Only a data owner" in greta.get(address).content.decode()
    page = signed_in(bank.ines).get(address)
    assert "opens insurance_gold.claims: 3 of 3 columns" in page.content.decode()
    said = {
        "effects_hash": page.context["hash"], "owner": bank.ana.pk, "reason": "Nightly export since 2021",
        "ends_on": f"{factories.days_from_now(30):%Y-%m-%d}",
    }  # fmt: skip
    assert signed_in(bank.ines).post(address, said)["Location"] == ledger(bank)
    assert Grant.objects.get().item.tags == {"domain": ["insurance"]}


def test_what_an_account_holds_is_adopted_with_what_goes_with_it_shown(bank: Bank) -> None:
    whole = factories.whole(bank.bi_account)
    tom = factories.make_person("Tom Brandt")
    factories.join(bank.bi, Membership.Role.ACCOUNT_ADMIN, [tom])
    row = observe(bank, whole.arn, {"include": ["amount"]})
    with as_role("meshmarket_worker"):
        Observed.objects.filter(pk=row.pk).update(grantable=True)
    row = observe(bank, whole.arn, {"include": ["amount"]})
    ines, address = signed_in(bank.ines), reverse("permission-adopt", args=[row.pk])
    here = ines.get(ledger(bank))
    assert [(one.what, one.may_adopt) for one in here.context["rows"]] == [
        ("amount", True), ("can pass it on; amount", False),
    ]  # fmt: skip
    assert f"the whole account {whole.arn}" in here.content.decode()
    assert "The right to pass something on is adopted with the permission" in here.content.decode()
    page = ines.get(address)
    assert page.context["told"] == [
        f"SELECT on insurance_gold.claims (1 column) for account {whole.arn}",
        f"SELECT on insurance_gold.claims (1 column) for account {whole.arn}, to pass on",
    ]
    assert "The account's administrators decide" in page.content.decode()
    assert list(page.context["form"].fields["owner"].queryset) == [tom]
    said = {
        "effects_hash": page.context["hash"], "owner": tom.pk, "reason": "Shared since 2021",
        "ends_on": f"{factories.days_from_now(30):%Y-%m-%d}",
    }  # fmt: skip
    assert ines.post(address, said)["Location"] == ledger(bank)
    assert Grant.objects.get().intent.access.is_envelope
