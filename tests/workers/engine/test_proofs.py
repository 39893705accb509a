"""A reading proves only what the plan leaves as it is."""

from dataclasses import replace

import pytest
from django.db import transaction

from fulfilment.intents.models import Intent
from kernel import clock
from lakeformation.planning.desired import IntentSpec, build_desired_state
from lakeformation.values.column_sets import ALL_COLUMNS
from lakeformation.values.permissions import Permission
from lakeformation.values.row_policies import RowPolicies, RowPolicyAttachment
from requests_app.grants.actions import revoke_grant
from tests.bank import Bank, make_bank
from tests.database import TestDatabase, as_role
from tests.fulfilment.intents.test_proof import evidence
from tests.lakeformation.simulated_catalog import (
    GOVERNANCE,
    NOW,
    ROLE,
    SimulatedCatalog,
    build_access,
    build_wish,
)
from workers.engine.proofs import Proof, find_proven_presences, is_usable, store_proofs


@pytest.fixture
def bank(committed: TestDatabase) -> Bank:
    return make_bank()


def list_presences(world: SimulatedCatalog, wish: IntentSpec) -> dict[int, str]:
    desired = build_desired_state([wish], world.observe(), now=NOW)
    found = find_proven_presences([wish], desired, world.plan([wish]), now=NOW)
    return {intent: presence.value for intent, presence in found.items()}


def test_an_intent_is_present_once_nothing_is_left_to_grant() -> None:
    world, wish = SimulatedCatalog(), build_wish(1, build_access("id"))
    assert list_presences(world, wish) == {}
    world.converge([wish])
    assert list_presences(world, wish) == {1: "present"}


def test_an_ended_intent_is_absent_once_nothing_is_left_to_revoke() -> None:
    world, wish = SimulatedCatalog(), build_wish(1, build_access("id"))
    world.converge([wish])
    ended = replace(wish, ended_at=NOW)
    assert list_presences(world, ended) == {}
    world.converge([ended])
    assert list_presences(world, ended) == {1: "absent"}


def test_access_is_not_usable_while_everybody_whom_iam_allows_has_it() -> None:
    world, wish = SimulatedCatalog(), build_wish(1, build_access("id"))
    assert is_usable(wish, Intent.Presence.PRESENT, world.observe())
    open_to_iam = Permission(GOVERNANCE, "IAM_ALLOWED_PRINCIPALS", "insurance_gold", "claims", "ALL")
    world.held[open_to_iam] = ALL_COLUMNS
    assert not is_usable(wish, Intent.Presence.PRESENT, world.observe())
    assert is_usable(wish, Intent.Presence.ABSENT, world.observe()) is None


def test_beside_a_row_level_security_policy_it_is_not_known_whether_access_is_usable() -> None:
    seen, wish = SimulatedCatalog().observe(), build_wish(1, build_access("id"))
    policy = RowPolicyAttachment("eu", "region = 'EU'", ROLE, "insurance_gold", "claims")
    beside = replace(seen, row_policies=RowPolicies(frozenset({policy})))
    assert is_usable(wish, Intent.Presence.PRESENT, beside) is None
    unregistered = replace(beside, locations=frozenset())
    assert is_usable(wish, Intent.Presence.PRESENT, unregistered) is False


@pytest.mark.parametrize("changed", [False, True])
def test_an_intent_that_changed_since_the_plan_is_not_proven(bank: Bank, *, changed: bool) -> None:
    planned, row = evidence(bank)
    if changed:
        revoke_grant(acting_user=bank.ines, grant_id=planned.grant.pk, reason="Done.", now=clock.now())
    with as_role("meshmarket_worker"), transaction.atomic():
        proof = Proof(planned, Intent.Presence.PRESENT, usable=True, failure="")
        store_proofs([proof], row, now=clock.now())
    assert Intent.objects.get().presence == ("unseen" if changed else "present")
