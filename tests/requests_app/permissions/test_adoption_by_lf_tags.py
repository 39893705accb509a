"""A permission that somebody gave by LF-Tags becomes a grant by LF-Tags, or says why it cannot."""

from typing import Any

import pytest

from fulfilment.intents.models import Intent, Justification
from fulfilment.observations.models import ObservedPermission
from identity.people.models import Person
from kernel import clock
from kernel.errors import ForbiddenError, NotFoundError, RefusedError
from lakeformation.values.tag_expressions import TagExpression, TagPolicy
from requests_app.grants.models import Grant
from requests_app.permissions.adoption import (
    build_adoptable_permission,
    build_draft_item,
    compute_adopted_effects,
)
from requests_app.permissions.queries import get_unmanaged_permission
from tests import factories
from tests.adoption import adopt_observed
from tests.bank import Bank
from tests.database import as_role
from tests.requests_app.lf_tags_request import GOLD_TAGS, assign_tags


def observe(bank: Bank, verb: str = "SELECT", kind: str = "TABLE", **fields: Any) -> ObservedPermission:
    policy = TagPolicy(kind, TagExpression.from_values(fields.pop("tags", GOLD_TAGS)), fields.pop("name", ""))
    with as_role("meshmarket_worker"):
        return ObservedPermission.objects.create(
            catalog=bank.catalog, principal_arn=bank.role.arn, database="", table="", verb=verb, tagged=policy.key,
            policy=policy.to_json(), columns={"except": []}, seen_at=clock.now(), **fields,
        )  # fmt: skip


def adopt(bank: Bank, row: ObservedPermission, by: Person | None = None) -> Grant:
    return adopt_observed(row, by=by or bank.ines, owner=bank.ana)


def list_wanted(grant: Grant) -> set[tuple[str, str]]:
    rows = Justification.objects.filter(intent=grant.intent)
    return {(row.policy["kind"], row.verb) for row in rows}


def test_it_is_a_grant_of_the_expression_with_what_is_held_beside_it(bank: Bank) -> None:
    assign_tags(bank.claims, {"tier": "gold"})
    row = observe(bank)
    observe(bank, "DESCRIBE")
    observe(bank, "DESCRIBE", "DATABASE", grantable=True)
    grant = adopt(bank, row)
    assert (grant.item.tags, grant.item.whole_table, grant.item.requester) == (GOLD_TAGS, True, bank.ana)
    assert list_wanted(grant) == {("TABLE", "SELECT"), ("TABLE", "DESCRIBE")}
    access = grant.intent.access
    assert access.adoption
    assert (access.links, access.registrations, access.share) == ((), (), None)
    assert [one["table"] for one in grant.intent.effects["members"]] == ["claims"]


def test_all_that_the_tags_open_is_part_of_what_is_agreed_to(bank: Bank) -> None:
    assign_tags(bank.claims, {"tier": "gold"})
    row, now = observe(bank), clock.now()
    said: dict[str, Any] = {"reason": "Nightly export since 2021", "ends_at": factories.days_from_now(30)}
    found = build_adoptable_permission(*get_unmanaged_permission(bank.ines, row.pk, now), bank.ines)
    before = compute_adopted_effects(build_draft_item(found, bank.ana, now=now, **said), found)
    assign_tags(bank.claims, {"tier": "gold"}, iban={"tier": "none"})
    after = build_adoptable_permission(*get_unmanaged_permission(bank.ines, row.pk, now), bank.ines)
    assert (
        compute_adopted_effects(build_draft_item(after, bank.ana, now=now, **said), after).digest()
        != before.digest()
    )


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"verb": "DESCRIBE"}, "adopted with the SELECT"),
        ({"kind": "DATABASE", "verb": "DESCRIBE"}, "adopted with the SELECT"),
        ({"name": "gold-things"}, "named expression"),
        ({"grantable": True}, "never include the right to pass"),
        ({"tags": {"tier": ["*"]}}, "every value"),
    ],
)
def test_what_can_be_no_grant_says_why(bank: Bank, fields: dict[str, Any], why: str) -> None:
    assign_tags(bank.claims, {"tier": "gold"})
    with pytest.raises(RefusedError, match=why):
        adopt(bank, observe(bank, **fields), by=bank.greta)
    assert not Intent.objects.exists()


def test_what_reaches_another_domains_data_too_is_nobodys_to_adopt(bank: Bank) -> None:
    assign_tags(bank.claims, {"tier": "gold"})
    other = factories.make_domain(factories.make_team("Treasury"), name="Treasury")
    assign_tags(factories.make_table(factories.make_database(bank.catalog, other, name="treasury"), name="rates"), {"tier": "gold"})  # fmt: skip
    row = observe(bank)
    with pytest.raises(NotFoundError):
        adopt(bank, row)
    with pytest.raises(RefusedError, match="more than one domain"):
        adopt(bank, row, by=bank.greta)


def test_those_who_answer_for_the_data_decide_and_strangers_find_nothing(bank: Bank) -> None:
    assign_tags(bank.claims, {"tier": "gold"})
    row = observe(bank)
    with pytest.raises(NotFoundError):
        adopt(bank, row, by=bank.sam)
    with pytest.raises(NotFoundError):
        adopt(bank, row, by=bank.ana)
    with pytest.raises(ForbiddenError, match="Only a data owner"):
        adopt(bank, row, by=bank.greta)
    assert not Grant.objects.exists()
