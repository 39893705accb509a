"""What a registration gives, asked of the oracle over every principal of the pretend AWS, before and after."""

from collections.abc import Iterator
from typing import Any

from catalog.registrations.states import RegistrationStatus
from demo.bank import accounts
from demo.bank.accounts import GOVERNANCE, REGION
from demo.bank.iam_roles import GRANTING_EXECUTOR_ACTIONS
from tests.workers.mesh import Mesh
from tests.workers.producer import WRITES, Producer

ACCOUNTS = [one.id for one in accounts.ACCOUNTS]
Cell = tuple[str, str, str, str]
"""Principal, database, table and column."""


def list_principals(mesh: Mesh) -> list[str]:
    """Every role and user of every account."""
    found = []
    for account in ACCOUNTS:
        iam = mesh.cloud.client("iam", account)
        for operation, members in (("list_roles", "Roles"), ("list_users", "Users")):
            pages = iam.get_paginator(operation).paginate()
            found += [row["Arn"] for page in pages for row in page[members]]
    return found


def list_readable(mesh: Mesh, columns: list[tuple[str, str, str]], principals: list[str]) -> set[Cell]:
    return {(who, *column) for who in principals for column in columns if can_read(mesh, who, column)}


def can_read(mesh: Mesh, who: str, column: tuple[str, str, str]) -> bool:
    database, table, name = column
    place = f"catalog={GOVERNANCE}&region={REGION}&database={database}&table={table}&column={name}"
    return bool(mesh.cloud.control(f"oracle?principal={who}&{place}")["allowed"])


def list_rows(mesh: Mesh) -> set[tuple[str, str, str]]:
    """Every permission that the governance catalog lists: principal, resource and verb."""
    pages: Iterator[dict[str, Any]] = _iterate_permissions(mesh)
    return {
        (row["Principal"]["DataLakePrincipalIdentifier"], str(row["Resource"]), verb)
        for page in pages
        for row in page["PrincipalResourcePermissions"]
        for verb in (
            *row["Permissions"],
            *(f"{one} with grant option" for one in row["PermissionsWithGrantOption"]),
        )
    }


def _iterate_permissions(mesh: Mesh) -> Iterator[dict[str, Any]]:
    client = mesh.governance_client()
    token: dict[str, str] = {}
    while True:
        page = client.list_permissions(CatalogId=GOVERNANCE, **token)
        yield page
        if not page.get("NextToken"):
            return
        token = {"NextToken": page["NextToken"]}


def test_a_registration_gives_nobody_but_its_engineers_anything(producer: Producer) -> None:
    mesh = producer.mesh
    everyone = list_principals(mesh)
    columns = [
        (producer.database, "policies", "policy_id"),
        (producer.database, "policies", "day"),
        (mesh.database, mesh.table.name, "policy_id"),
    ]
    readable, rows = list_readable(mesh, columns, everyone), list_rows(mesh)
    producer.run_until(producer.register(), RegistrationStatus.REGISTERED)
    assert set(list_principals(mesh)) == set(everyone)
    assert len(everyone) > len(ACCOUNTS)
    executor = mesh.catalog.account.executor_role_arn
    gained = list_readable(mesh, columns, everyone) - readable
    # AWS gives a table's creator everything on it. The executor's own policy lets it read no data.
    assert {who for who, *_ in gained} == {executor}
    assert "lakeformation:GetDataAccess" not in GRANTING_EXECUTOR_ACTIONS
    new = list_rows(mesh) - rows
    assert {who for who, *_ in new} == {mesh.roles[producer.account].arn}
    assert {verb for _, _, verb in new} == WRITES
    assert all(f"'{producer.database}'" in resource for _, resource, _ in new)
    assert rows <= list_rows(mesh)
