"""Whoever may not accept in time, or does not want to, keeps nobody waiting for ever."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from pytest_django.fixtures import Settings

from demo.bank.accounts import PARTNER
from tests.database import TestDatabase
from tests.workers.mesh import Mesh
from tests.workers.own_mesh import make_own_mesh
from tests.workers.switch_flows import (
    advance_clocks,
    grant_without_acceptance,
    refuse_acceptance,
    with_other_table,
)


@pytest.fixture
def mesh(committed: TestDatabase, settings: Settings) -> Iterator[Mesh]:
    with make_own_mesh(settings, {}) as mesh:
        yield mesh


def test_an_invitation_that_ran_out_is_sent_anew_and_accepted(mesh: Mesh) -> None:
    with refuse_acceptance(mesh):
        grant = grant_without_acceptance(mesh)
        advance_clocks(mesh, timedelta(days=8))
    mesh.run_until_presence(grant, "present")
    assert "policy_id" in mesh.list_visible_columns(PARTNER)
    mesh.revoke(grant)
    mesh.run_until_presence(grant, "absent")
    assert mesh.list_held_columns(PARTNER) == {}


def test_an_invitation_that_somebody_rejected_is_told_until_it_is_asked_for_again(mesh: Mesh) -> None:
    ram = mesh.cloud.client("ram", PARTNER)
    with refuse_acceptance(mesh):
        grant = grant_without_acceptance(mesh)
        (one,) = ram.get_resource_share_invitations()["resourceShareInvitations"]
        ram.reject_resource_share_invitation(resourceShareInvitationArn=one["resourceShareInvitationArn"])
    mesh.run_until(grant, lambda intent: f"{PARTNER} rejected the invitation of" in intent.failure)
    before = mesh.get_last_call()
    mesh.run_rounds(2)
    assert mesh.list_writes(before) == []
    mesh.revoke(grant)
    mesh.run_until_presence(grant, "absent")
    mesh.run_until_presence(mesh.grant(account=PARTNER), "present")


def test_a_second_share_that_ran_out_is_not_taken_for_the_first_one(mesh: Mesh) -> None:
    """Nor is it ended where somebody else's permission lies in it."""
    mesh.cloud.control("switches", {"resources_in_a_share": 2})
    first = mesh.grant(account=PARTNER, lasts=timedelta(days=60))
    mesh.run_until_presence(first, "present")
    other = with_other_table(mesh)
    with refuse_acceptance(mesh):
        second = grant_without_acceptance(other)
        other.grant_outside_portal(["smoker"], PARTNER)
        advance_clocks(mesh, timedelta(days=8))
    mesh.run_until(
        second, lambda intent: "its share contains permissions held outside the portal" in intent.failure
    )
    mesh.run_rounds(4)
    assert mesh.get_intent(first).presence == "present"
    assert mesh.get_intent(second).presence in {"unseen", "unknown"}  # the latter if a reading failed
    other.revoke_outside_portal(["smoker"], PARTNER)
    mesh.run_until_presence(second, "present")
    assert "policy_id" in other.list_visible_columns(PARTNER)
