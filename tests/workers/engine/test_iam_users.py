"""An IAM user holds what was agreed to as a role does, bound to its unique id."""

import time

import pytest

from demo.bank.accounts import BI
from identity.accounts import Principal
from tests import factories
from tests.workers.mesh import COLUMNS, Mesh


@pytest.fixture
def user(mesh: Mesh) -> Principal:
    """Made in AWS, and in the place of BI's role: what the mesh holds is its."""
    name = f"extract-{time.time_ns()}"
    made = mesh.cloud.client("iam", BI).create_user(UserName=name)["User"]
    account = mesh.roles[BI].account
    mesh.roles[BI] = factories.make_principal(account, name, arn=made["Arn"], unique_id=made["UserId"])
    return mesh.roles[BI]


def test_what_a_user_was_agreed_is_held_until_it_is_revoked(mesh: Mesh, user: Principal) -> None:
    grant = mesh.grant(to=user)
    mesh.run_until_presence(grant, "present")
    assert mesh.list_held_columns() == {"DESCRIBE": [], "SELECT": sorted(COLUMNS)}
    mesh.revoke(grant)
    mesh.run_until_presence(grant, "absent")
    assert mesh.list_held_columns() == {}


def test_a_user_made_anew_loses_what_the_old_one_had(mesh: Mesh, user: Principal) -> None:
    grant = mesh.grant(to=user)
    mesh.run_until_presence(grant, "present")
    iam = mesh.cloud.client("iam", BI)
    iam.delete_user(UserName=user.name)
    iam.create_user(UserName=user.name)
    intent = mesh.run_until_presence(grant, "stale")
    assert "was created again after the approval" in intent.failure
    assert mesh.list_held_columns() == {}
