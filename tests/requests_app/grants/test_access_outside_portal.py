"""What AWS allows on a product's tables on nobody's word here is shown to its owners."""

import pytest
from django.test import Client
from django.urls import reverse

from fulfilment.intents.models import Intent
from fulfilment.observations.models import ObservedPermission
from identity.people.models import Person
from kernel import clock
from lakeformation.observation.reading import IAM_ALLOWED_PRINCIPALS
from lakeformation.values.tag_expressions import TagExpression, TagPolicy
from requests_app.grants.actions import revoke_grant
from requests_app.grants.other_access import list_unmanaged_holdings
from requests_app.permissions.actions import order_removal
from requests_app.permissions.queries import get_unmanaged_permission
from tests.bank import Bank, approve, submit_bank_item
from tests.database import as_role
from tests.engine_readings import write_presence

STRANGER = "arn:aws:iam::999999999999:role/old-export"


def observe(bank: Bank, arn: str, columns: dict[str, list[str]], verb: str = "SELECT") -> None:
    with as_role("meshmarket_worker"):
        ObservedPermission.objects.create(
            catalog=bank.catalog, principal_arn=arn, database="insurance_gold", table="claims", verb=verb,
            columns=columns, seen_at=clock.now(),
        )  # fmt: skip


def list_shown(bank: Bank) -> list[tuple[str, str, str, str]]:
    return [
        (one.principal, one.account, one.verb, one.description)
        for one in list_unmanaged_holdings(bank.product, clock.now())
    ]


def test_a_permission_that_nobody_asked_for_is_shown_with_its_columns(bank: Bank) -> None:
    observe(bank, STRANGER, {"include": ["iban", "amount"]})
    assert list_shown(bank) == [("old-export", "999999999999", "SELECT", "amount, iban")]


def test_what_a_live_grant_justifies_is_not_and_its_surplus_is(bank: Bank) -> None:
    approve(bank, submit_bank_item(bank))
    observe(bank, bank.role.arn, {"include": ["claim_id", "amount"]})
    assert list_shown(bank) == []
    with as_role("meshmarket_worker"):
        ObservedPermission.objects.update(columns={"include": ["claim_id", "amount", "iban"]})
    assert [(one[0], one[3]) for one in list_shown(bank)] == [("bi-reporting", "iban")]


def test_what_is_being_removed_is_not_held_outside(bank: Bank) -> None:
    grant = approve(bank, submit_bank_item(bank))
    observe(bank, bank.role.arn, {"include": ["claim_id", "amount", "iban"]})
    write_presence(grant.intent, Intent.Presence.PRESENT, catalog=bank.catalog, consumer=bank.bi_account)
    revoke_grant(acting_user=bank.ines, grant_id=grant.pk, reason="Over.", now=clock.now())
    assert [(one[0], one[3]) for one in list_shown(bank)] == [("bi-reporting", "iban")]
    write_presence(grant.intent, Intent.Presence.ABSENT, catalog=bank.catalog, consumer=bank.bi_account)
    assert [one[3] for one in list_shown(bank)] == ["amount, claim_id, iban"], (
        "what came back since is nobody's"
    )


def test_what_ran_out_is_not_held_outside_while_it_is_removed(bank: Bank) -> None:
    grant = approve(bank, submit_bank_item(bank))
    observe(bank, bank.role.arn, {"include": ["claim_id", "amount"]})
    assert list_unmanaged_holdings(bank.product, grant.ends_at) == []


def test_what_somebody_ordered_to_be_removed_is_not_held_outside(bank: Bank) -> None:
    observe(bank, STRANGER, {"include": ["iban"]})
    row = ObservedPermission.objects.get()
    _, line = get_unmanaged_permission(bank.ines, row.pk, clock.now())
    removal = order_removal(
        acting_user=bank.ines, observed_id=row.pk, key=line.key, reason="Nobody knows it.", now=clock.now()
    )
    assert list_shown(bank) == []
    write_presence(removal.intent, Intent.Presence.ABSENT, catalog=bank.catalog, consumer=bank.bi_account)
    assert [one[3] for one in list_shown(bank)] == ["iban"], "granted anew since"


def test_what_lf_tags_open_is_shown_with_the_columns_that_have_them(bank: Bank) -> None:
    bank.claims.columns.filter(name__in=["amount", "iban"]).update(tags={"tier": "gold"})
    for value in ("gold", "silver"):
        policy = TagPolicy("TABLE", TagExpression.from_values({"tier": [value]}))
        with as_role("meshmarket_worker"):
            ObservedPermission.objects.create(
                catalog=bank.catalog, principal_arn=STRANGER, database="", table="", verb="SELECT",
                columns={"except": []}, tagged=policy.key, policy=policy.to_json(), seen_at=clock.now(),
            )  # fmt: skip
    assert [(one[0], one[3]) for one in list_shown(bank)] == [
        ("old-export", "amount, iban (tables with tier=gold)")
    ]


def test_iam_allowed_principals_is_named_in_words(bank: Bank) -> None:
    observe(bank, IAM_ALLOWED_PRINCIPALS, {"except": []}, "ALL")
    ((who, _, verb, what),) = list_shown(bank)
    assert (who, verb, what) == ("every role that IAM allows", "ALL", "every column")


@pytest.mark.parametrize(("name", "sees"), [("ines", True), ("greta", True), ("ana", False), ("sam", False)])
def test_only_owners_and_those_who_read_everything_see_it(bank: Bank, name: str, sees: bool) -> None:  # noqa: FBT001
    observe(bank, STRANGER, {"include": ["iban"]})
    person: Person = getattr(bank, name)
    client = Client()
    client.force_login(person)
    page = client.get(reverse("data-product-access", args=[bank.product.slug]))
    assert page.status_code == 200
    assert ("old-export" in page.content.decode()) is sees
