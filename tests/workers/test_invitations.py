"""Whoever may not accept in time, or does not want to, keeps nobody waiting for ever."""

from collections.abc import Iterator
from datetime import timedelta
from typing import cast

import pytest
from pytest_django.fixtures import Settings

from awsim.in_process import InProcess
from demo.chaos.inside import answered_here
from requests_app.models import Grant
from tests.awsim.cloud import PARTNER, Cloud
from tests.database import TestDatabase
from tests.workers.mesh import Mesh, make_mesh
from tests.workers.rare_flows import elsewhere, go_ahead, refused

ACCEPT = {"service": "ram", "operation": "AcceptResourceShareInvitation", "account": PARTNER}


@pytest.fixture
def mesh(committed: TestDatabase, settings: Settings) -> Iterator[Mesh]:
    """A mesh in a pretend AWS of its own: in no other test's share."""
    settings.CALL_DEADLINE, settings.LEASE, settings.SETTLE = 3.0, 5.0, 0.2
    settings.VISIBILITY_DELAY, settings.SCAN_EVERY = 0.0, 0.0
    settings.CALLS_PER_SECOND, settings.BURST = 1000.0, 1000
    aws = InProcess("bank")
    with answered_here(aws):
        yield make_mesh(cast("Cloud", aws))


def not_accepted(mesh: Mesh) -> Grant:
    grant = mesh.grant(account=PARTNER, lasts=timedelta(days=60))
    mesh.work_for(grant, lambda intent: "AWS refused to accept" in intent.failure)
    return grant


def test_an_invitation_that_ran_out_is_sent_anew_and_accepted(mesh: Mesh) -> None:
    with refused(mesh, **ACCEPT):
        grant = not_accepted(mesh)
        go_ahead(mesh, timedelta(days=8))
    mesh.work_until(grant, "present")
    assert "policy_id" in mesh.visible(PARTNER)
    mesh.revoke(grant)
    mesh.work_until(grant, "absent")
    assert mesh.held(PARTNER) == {}


def test_an_invitation_that_somebody_rejected_is_told_until_it_is_asked_for_again(mesh: Mesh) -> None:
    ram = mesh.cloud.client("ram", PARTNER)
    with refused(mesh, **ACCEPT):
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
    with refused(mesh, **ACCEPT):
        second = not_accepted(other)
        other.slip_in(["smoker"], PARTNER)
        go_ahead(mesh, timedelta(days=8))
    mesh.work_for(second, lambda intent: "that are not ours lie in its share" in intent.failure)
    mesh.work(4)
    assert (mesh.intent(first).presence, mesh.intent(second).presence) == ("present", "unseen")
    other.take_away(["smoker"], PARTNER)
    mesh.work_until(second, "present")
    assert "policy_id" in other.visible(PARTNER)
