"""Writes that overlap on one resource, and writes that readers see late."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from mocklake.errors import AwsError
from mocklake.faults.around_handlers import CallEffects
from mocklake.faults.injected import Faults
from mocklake.iam.callers import Caller
from mocklake.testing.checks import refused
from mocklake.testing.principals import create_roles
from mocklake.testing.server import Cloud
from mocklake.tests.accounts import CENTRAL
from mocklake.tests.lakeformation.worlds import (
    ADMIN,
    CONSUMER,
    HANDLERS,
    PRODUCER,
    RECEIVER,
    new_world,
    on_columns,
    on_table,
    permission,
    readable,
    role,
    with_table,
)
from mocklake.world import World

DATABASE = "overlapping"
READER = role(PRODUCER, "Analyst")


class Late:
    """A world whose listings run 2 seconds behind a clock that the test moves."""

    def __init__(self) -> None:
        self.now = 0.0
        self.world: World = with_table(new_world())
        self.effects = CallEffects(self.world, Faults())
        self.effects.veils.clock = lambda: self.now
        self.effects.faults.add({"kind": "delay", "milliseconds": 2000})

    def call(self, who: Caller, service: str, operation: str, **params: Any) -> dict[str, Any]:
        def handle(asked: dict[str, Any]) -> dict[str, Any]:
            return HANDLERS[service][operation](self.world, who, asked)

        return self.effects.around(who, service, operation, params, handle)

    def change(self, verb: str, principal: str, *verbs: str) -> None:
        self.call(ADMIN, "lakeformation", f"{verb}Permissions", **permission(principal, on_table(), *verbs))

    def listed(self, principal: str = READER) -> set[str]:
        rows = self.call(ADMIN, "lakeformation", "ListPermissions", Resource=on_table())
        mine = [
            row
            for row in rows["PrincipalResourcePermissions"]
            if row["Principal"]["DataLakePrincipalIdentifier"] == principal
        ]
        return {verb for row in mine for verb in row["Permissions"]}

    def invitations(self) -> list[dict[str, Any]]:
        answer = self.call(RECEIVER, "ram", "GetResourceShareInvitations")
        return list(answer["resourceShareInvitations"])


def test_a_grant_is_listed_late_and_holds_at_once() -> None:
    late = Late()
    late.change("Grant", READER, "SELECT")
    assert late.listed() == set()
    assert "id" in readable(late.world, Caller(PRODUCER, "eu-central-1", READER, READER, ""))
    late.now = 2.1
    assert late.listed() == {"SELECT"}


def test_a_revoke_is_listed_late_too() -> None:
    late = Late()
    late.change("Grant", READER, "SELECT", "ALTER")
    late.now = 10.0
    late.change("Revoke", READER, "ALTER")
    late.now = 11.0
    late.change("Revoke", READER, "SELECT")
    assert late.listed() >= {"SELECT", "ALTER"}
    late.now = 12.5
    assert "SELECT" in late.listed()
    assert "ALTER" not in late.listed()
    late.now = 13.5
    assert late.listed() == set()


def test_looking_at_the_past_changes_nothing() -> None:
    late = Late()
    late.change("Grant", READER, "SELECT")
    late.listed()
    late.change("Revoke", READER, "SELECT")
    late.listed()
    late.change("Grant", READER, "SELECT")
    with pytest.raises(AwsError, match="No permissions revoked"):
        late.change("Revoke", READER, "DROP")
    late.now = 5.0
    assert late.listed() == {"SELECT"}


def test_an_invitation_and_its_acceptance_are_seen_late() -> None:
    late = Late()
    late.change("Grant", CONSUMER, "SELECT")
    assert late.invitations() == []
    late.now = 3.0
    (found,) = late.invitations()
    arn = found["resourceShareInvitationArn"]
    late.call(RECEIVER, "ram", "AcceptResourceShareInvitation", resourceShareInvitationArn=arn)
    assert [one["status"] for one in late.invitations()] == ["PENDING"]
    late.now = 6.0
    assert [one["status"] for one in late.invitations()] == ["ACCEPTED"]


def test_the_end_of_the_delay_shows_everything() -> None:
    late = Late()
    late.change("Grant", READER, "SELECT")
    late.effects.faults.clear()
    assert late.listed() == {"SELECT"}


@pytest.fixture
def lake(cloud: Cloud) -> Iterator[Any]:
    glue = cloud.client("glue", CENTRAL)
    glue.create_database(DatabaseInput={"Name": DATABASE, "CreateTableDefaultPermissions": []})
    for name in ("one", "two"):
        columns = [{"Name": "id", "Type": "int"}]
        table = {"Name": name, "StorageDescriptor": {"Columns": columns}}
        glue.create_table(DatabaseName=DATABASE, TableInput=table)
    create_roles(cloud.client("iam", CENTRAL), *(f"parallel-{number}" for number in range(4)))
    yield cloud.client("lakeformation", CENTRAL)
    cloud.control("faults", method="DELETE")
    glue.delete_database(Name=DATABASE)


def outcomes(lake: Any, tables: list[str]) -> list[str]:
    """How grants at the same moment end, each to another role."""

    def grant(asked: tuple[int, str]) -> str:
        number, table = asked
        who = {"DataLakePrincipalIdentifier": role(CENTRAL, f"parallel-{number}")}
        resource = {"Table": {"DatabaseName": DATABASE, "Name": table}}
        try:
            return refused(lake.grant_permissions, Principal=who, Resource=resource, Permissions=["DESCRIBE"])
        except AssertionError:
            return "done"

    with ThreadPoolExecutor(len(tables)) as pool:
        return sorted(pool.map(grant, enumerate(tables)))


def test_grants_on_one_table_that_overlap_collide(cloud: Cloud, lake: Any) -> None:
    cloud.control("faults", {"kind": "overlap", "service": "lakeformation", "milliseconds": 500})
    assert outcomes(lake, ["one"] * 3) == ["ConcurrentModificationException"] * 2 + ["done"]
    assert outcomes(lake, ["one", "two"]) == ["done", "done"]
    assert [outcomes(lake, ["one"]), outcomes(lake, ["one"])] == [["done"], ["done"]]


def test_without_the_fault_nothing_collides(lake: Any) -> None:
    assert outcomes(lake, ["one"] * 4) == ["done"] * 4


def test_columns_of_a_table_are_the_table() -> None:
    effects = CallEffects(with_table(new_world()), Faults())
    effects.faults.add({"kind": "overlap"})

    def inner(asked: dict[str, Any]) -> dict[str, Any]:
        return asked

    def outer(_: dict[str, Any]) -> dict[str, Any]:
        entry = {"Id": "1"} | permission(READER, on_columns("id"), "SELECT")
        other = {"Id": "2"} | permission(READER, on_table("other"), "SELECT")
        asked = {"Entries": [entry, other]}
        return effects.around(ADMIN, "lakeformation", "BatchGrantPermissions", asked, _kept)

    wanted = permission(READER, on_table(), "SELECT")
    answer = effects.around(ADMIN, "lakeformation", "GrantPermissions", wanted, outer)
    assert [one["RequestEntry"]["Id"] for one in answer["Failures"]] == ["1"]
    assert effects.around(ADMIN, "lakeformation", "GrantPermissions", wanted, inner) == wanted


def _kept(asked: dict[str, Any]) -> dict[str, Any]:
    assert [one["Id"] for one in asked["Entries"]] == ["2"]
    return {"Failures": []}
