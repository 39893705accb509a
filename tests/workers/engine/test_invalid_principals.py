"""AWS does not know a role that was made a moment ago: its grant is refused, told, and made when AWS knows it."""

from collections.abc import Iterator

import pytest
from pytest_django.fixtures import Settings

from demo.bank.accounts import BI
from fulfilment.rounds import Refusal
from tests.database import TestDatabase
from tests.workers.engine.test_refusal_backoff import advance_time
from tests.workers.mesh import Mesh
from tests.workers.own_mesh import make_own_mesh


@pytest.fixture
def mesh(committed: TestDatabase, settings: Settings) -> Iterator[Mesh]:
    with make_own_mesh(settings, {}) as made:
        settings.SCAN_EVERY = 300.0
        yield made


def set_lag(mesh: Mesh, milliseconds: int) -> None:
    mesh.cloud.control("switches", {"new_principal_lag_milliseconds": milliseconds})


def test_a_new_role_is_granted_when_aws_knows_it(mesh: Mesh) -> None:
    set_lag(mesh, 3_600_000)
    grant = mesh.grant(("policy_id",))
    advance_time(mesh, 10)
    errors = {refusal.error for refusal in Refusal.objects.all()}
    assert errors == {f"InvalidInputException: Invalid principal, arn: {mesh.roles[BI].arn}"}
    set_lag(mesh, 0)
    advance_time(mesh, 60)
    mesh.run_until_presence(grant, "present", seconds=20)
    assert not Refusal.objects.exists()
