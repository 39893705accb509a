"""Whoever may not accept in time, or does not want to, keeps nobody waiting for ever."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from pytest_django.fixtures import Settings

from demo.bank.accounts import PARTNER
from tests.database import TestDatabase
from tests.workers.mesh import Mesh
from tests.workers.own_aws import mesh_of_its_own
from tests.workers.rare_flows import elsewhere, go_ahead, not_accepted, refused_to_accept


@pytest.fixture
def mesh(committed: TestDatabase, settings: Settings) -> Iterator[Mesh]:
    with mesh_of_its_own(settings, {}) as mesh:
        yield mesh


def test_an_invitation_that_ran_out_is_sent_anew_and_accepted(mesh: Mesh) -> None:
    with refused_to_accept(mesh):
        grant = not_accepted(mesh)
        go_ahead(mesh, timedelta(days=8))
    mesh.work_until(grant, "present")
    assert "policy_id" in mesh.visible(PARTNER)
    mesh.revoke(grant)
    mesh.work_until(grant, "absent")
    assert mesh.held(PARTNER) == {}


def test_an_invitation_that_somebody_rejected_is_told_until_it_is_asked_for_again(mesh: Mesh) -> None:
    ram = mesh.cloud.client("ram", PARTNER)
    with refused_to_accept(mesh):
        grant = not_accepted(mesh)
        (one,) = ram.get_resource_share_invitations()["resourceShareInvitations"]
        ram.reject_resource_share_invitation(resourceShareInvitationArn=one["resourceShareInvitationArn"])
    mesh.work_for(grant, lambda intent: f"{PARTNER} rejected the invitation of" in intent.failure)
    before = mesh.last_call()
    mesh.work(2)
    assert mesh.writes(before) == []
    mesh.revoke(grant)
    mesh.work_until(grant, "absent")
    mesh.work_until(mesh.grant(account=PARTNER), "present")


def test_a_second_share_that_ran_out_is_not_taken_for_the_first_one(mesh: Mesh) -> None:
    """Nor is it ended where somebody else's permission lies in it."""
    mesh.cloud.control("switches", {"resources_in_a_share": 2})
    first = mesh.grant(account=PARTNER, lasts=timedelta(days=60))
    mesh.work_until(first, "present")
    other = elsewhere(mesh)
    with refused_to_accept(mesh):
        second = not_accepted(other)
        other.slip_in(["smoker"], PARTNER)
        go_ahead(mesh, timedelta(days=8))
    mesh.work_for(
        second, lambda intent: "its share contains permissions held outside the portal" in intent.failure
    )
    mesh.work(4)
    assert mesh.intent(first).presence == "present"
    assert mesh.intent(second).presence in {"unseen", "unknown"}  # the latter if a reading failed
    other.take_away(["smoker"], PARTNER)
    mesh.work_until(second, "present")
    assert "policy_id" in other.visible(PARTNER)
