"""The calls of a history, drawn by lot: each is plain data, so that a history can be cut, printed and repeated."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from mocklake.histories import mesh
from mocklake.histories.mesh import GUEST, OWNER, RECEIVER, arn


@dataclass(frozen=True)
class Call:
    """`given` are the operation's parameters; those of RAM are found when it is played."""

    account: str
    role: str
    service: str
    operation: str
    given: dict[str, Any]

    def __str__(self) -> str:
        who = {OWNER: "owner", RECEIVER: "receiver", GUEST: "guest"}[self.account]
        return f"{who}/{self.role} {self.service}.{self.operation} {self.given}"


Drawing = Callable[[Random], Call]
TO_OWN = (*(arn(OWNER, role) for role in ("analyst", "clerk", "analyst")),)
TO_OTHERS = (
    RECEIVER, GUEST, arn(RECEIVER, "analyst"), arn(RECEIVER, "clerk"), arn(GUEST, "analyst"), arn(RECEIVER, "analyst"),
    mesh.ORGANISATION, f"{RECEIVER}:IAMPrincipals",
)  # fmt: skip
CONDITIONS = ("country = 'DE'", "amount > 10", "country <> 'DE' OR amount IS NULL", "email LIKE '%x.example'")
REVOKED = 0.12
VERBS = ("SELECT", "SELECT", "SELECT", "DESCRIBE", "INSERT", "ALTER", "ALL")


def draw(random: Random, count: int) -> list[Call]:
    """So many calls, some of which AWS will refuse; what was granted is often revoked later."""
    calls: list[Call] = []
    for _ in range(count):
        granted = [call for call in calls if call.operation == "GrantPermissions"]
        if granted and _by_chance(random, REVOKED):
            calls.append(replace(random.choice(granted), operation="RevokePermissions"))
        else:
            calls.append(random.choice(STEPS)(random))
    return calls


def _by_chance(random: Random, share: float) -> bool:
    return random.random() < share


def _by_admin(service: str, operation: str, account: str = OWNER, **given: Any) -> Call:
    return Call(account, "admin", service, operation, given)


def _who(identifier: str) -> dict[str, str]:
    return {"DataLakePrincipalIdentifier": identifier}


def _change(random: Random) -> Call:
    """A grant or a revoke by the owner, alone or in a batch."""
    entry = _permission(random, random.choice((TO_OWN, TO_OTHERS, TO_OTHERS)))
    if entry["Principal"]["DataLakePrincipalIdentifier"].isdigit():
        entry["PermissionsWithGrantOption"] = entry["Permissions"]
    return _given(random, OWNER, entry)


def _pass_on(random: Random) -> Call:
    """The same by a receiver, of what the owner shares, to its own people."""
    account = random.choice((RECEIVER, RECEIVER, GUEST))
    people = tuple(arn(account, role) for role in mesh.ROLES[account] if role != "admin")
    entry = _permission(random, people)
    entry["PermissionsWithGrantOption"] = []
    return _given(random, account, entry)


def _given(random: Random, account: str, entry: dict[str, Any]) -> Call:
    verb = random.choice(("Grant",) * 6 + ("Revoke",))
    if _by_chance(random, 0.15):
        return _by_admin("lakeformation", f"Batch{verb}Permissions", account, Entries=[{"Id": "1"} | entry])
    return _by_admin("lakeformation", f"{verb}Permissions", account, **entry)


def _permission(random: Random, people: tuple[str, ...]) -> dict[str, Any]:
    resource, verbs = _resource(random)
    option = [verb for verb in verbs if _by_chance(random, 0.5)]
    return {
        "Principal": _who(random.choice(people)),
        "Resource": resource,
        "Permissions": verbs,
        "PermissionsWithGrantOption": option,
    }


def _resource(random: Random) -> tuple[dict[str, Any], list[str]]:
    """With the permissions that are asked for on it."""
    return random.choice(RESOURCES)(random, *random.choice(mesh.TABLES))


def _named_table(database: str, table: str) -> dict[str, Any]:
    return {"CatalogId": OWNER, "DatabaseName": database, "Name": table}


def _table(random: Random, database: str, table: str) -> tuple[dict[str, Any], list[str]]:
    return {"Table": _named_table(database, table)}, _some(random, VERBS)


def _some_columns(random: Random, database: str, table: str) -> tuple[dict[str, Any], list[str]]:
    return {"TableWithColumns": _named_table(database, table) | _columns(random)}, ["SELECT"]


def _cells(random: Random, database: str, table: str) -> tuple[dict[str, Any], list[str]]:
    return {"DataCellsFilter": _named_filter(random, database, table)}, ["SELECT"]


def _named_filter(random: Random, database: str, table: str) -> dict[str, Any]:
    named = {"TableCatalogId": OWNER, "DatabaseName": database, "TableName": table}
    return named | {"Name": random.choice(mesh.FILTERS)}


def _all_tables(random: Random, database: str, _table: str) -> tuple[dict[str, Any], list[str]]:
    every = {"CatalogId": OWNER, "DatabaseName": database, "TableWildcard": {}}
    return {"Table": every}, _some(random, VERBS)


def _database(random: Random, database: str, _table: str) -> tuple[dict[str, Any], list[str]]:
    verbs = _some(random, ("DESCRIBE", "DESCRIBE", "CREATE_TABLE", "ALTER"))
    return {"Database": {"CatalogId": OWNER, "Name": database}}, verbs


def _by_tags(random: Random, _database: str, _table: str) -> tuple[dict[str, Any], list[str]]:
    return _policy(random, {"Expression": _expression(random)})


def _by_named_tags(random: Random, _database: str, _table: str) -> tuple[dict[str, Any], list[str]]:
    return _policy(random, {"ExpressionName": "named"})


def _policy(random: Random, expression: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    kind = random.choice(("TABLE", "TABLE", "DATABASE"))
    verbs = _some(random, VERBS) if kind == "TABLE" else ["DESCRIBE"]
    return {"LFTagPolicy": {"CatalogId": OWNER, "ResourceType": kind} | expression}, verbs


RESOURCES = (
    _table, _table, _some_columns, _some_columns, _cells, _cells, _all_tables, _database, _by_tags, _by_tags, _by_named_tags,
)  # fmt: skip


def _some(random: Random, verbs: tuple[str, ...]) -> list[str]:
    return sorted({random.choice(verbs) for _ in range(random.choice((1, 1, 2)))})


def _columns(random: Random) -> dict[str, Any]:
    names = sorted(random.sample(mesh.COLUMNS, random.choice((1, 2, 3))))
    if _by_chance(random, 0.2):
        return {"ColumnWildcard": {"ExcludedColumnNames": names[:2]}}
    return {"ColumnNames": names}


def _expression(random: Random) -> list[dict[str, Any]]:
    keys = sorted(random.sample(sorted(mesh.TAGS), random.choice((1, 1, 2))))
    return [
        {"TagKey": key, "TagValues": sorted(random.sample(mesh.TAGS[key], random.choice((1, 1, 2))))}
        for key in keys
    ]


def _filter(random: Random) -> Call:
    by_rows: dict[str, Any] = {"FilterExpression": random.choice(CONDITIONS)}
    rows: dict[str, Any] = by_rows if _by_chance(random, 0.8) else {"AllRowsWildcard": {}}
    chosen = _columns(random) if _by_chance(random, 0.6) else {"ColumnWildcard": {}}
    named = _named_filter(random, *random.choice(mesh.TABLES))
    operation = random.choice(("CreateDataCellsFilter", "CreateDataCellsFilter", "UpdateDataCellsFilter"))
    account = random.choice((OWNER, OWNER, OWNER, RECEIVER))
    return _by_admin("lakeformation", operation, account, TableData=named | {"RowFilter": rows} | chosen)


def _drop_filter(random: Random) -> Call:
    named = _named_filter(random, *random.choice(mesh.TABLES))
    return _by_admin(
        "lakeformation", "DeleteDataCellsFilter", random.choice((OWNER, OWNER, RECEIVER)), **named
    )


def _retag(random: Random) -> Call:
    database, table = random.choice(mesh.TABLES)
    named = {"DatabaseName": database, "Name": table}
    resource = random.choice((
        {"Database": {"Name": database}}, {"Table": named}, {"TableWithColumns": named | {"ColumnNames": [random.choice(mesh.COLUMNS)]}},
    ))  # fmt: skip
    key = random.choice(sorted(mesh.TAGS))
    operation = random.choice(("AddLFTagsToResource", "AddLFTagsToResource", "RemoveLFTagsFromResource"))
    tags = [{"TagKey": key, "TagValues": [random.choice(mesh.TAGS[key])]}]
    return _by_admin("lakeformation", operation, Resource=resource, LFTags=tags)


def _redefine(random: Random) -> Call:
    if _by_chance(random, 0.15):
        return _by_admin("lakeformation", "DeleteLFTagExpression", Name="named")
    operation = random.choice(("UpdateLFTagExpression", "UpdateLFTagExpression", "CreateLFTagExpression"))
    return _by_admin("lakeformation", operation, Name="named", Expression=_expression(random))


def _opt_in(random: Random) -> Call:
    named = {"CatalogId": OWNER, "DatabaseName": "stock"}
    where: dict[str, Any] = random.choice((
        {"Table": named | {"Name": "levels"}}, {"Table": named | {"Name": "levels"}}, {"Table": named | {"TableWildcard": {}}},
        {"Database": {"CatalogId": OWNER, "Name": "stock"}},
    ))  # fmt: skip
    operation = random.choice(("CreateLakeFormationOptIn",) * 3 + ("DeleteLakeFormationOptIn",))
    account = random.choice((OWNER, OWNER, RECEIVER))
    return _by_admin(
        "lakeformation",
        operation,
        account,
        Principal=_who(random.choice(TO_OWN + TO_OTHERS[:6])),
        Resource=where,
    )


def _turn_hybrid(random: Random) -> Call:
    role = arn(OWNER, "data-access")
    return _by_admin(
        "lakeformation", "UpdateResource",
        ResourceArn=random.choice((mesh.LAKE, mesh.HYBRID, mesh.HYBRID)), RoleArn=role, HybridAccessEnabled=_by_chance(random, 0.6),
    )  # fmt: skip


def _register(random: Random) -> Call:
    if _by_chance(random, 0.5):
        return _by_admin("lakeformation", "DeregisterResource", ResourceArn=mesh.HYBRID)
    hybrid = _by_chance(random, 0.5)
    return _by_admin(
        "lakeformation",
        "RegisterResource",
        ResourceArn=mesh.HYBRID,
        RoleArn=arn(OWNER, "data-access"),
        HybridAccessEnabled=hybrid,
    )


def _open_to_all(random: Random) -> Call:
    database, table = random.choice(mesh.TABLES)
    named = {"Table": {"DatabaseName": database, "Name": table}}
    resource = random.choice((named, named, {"Database": {"Name": database}}))
    operation = random.choice(("GrantPermissions", "RevokePermissions"))
    return _by_admin(
        "lakeformation", operation, Principal=_who(mesh.EVERYONE), Resource=resource, Permissions=["ALL"]
    )


def _answer(random: Random) -> Call:
    operation = random.choice(("Accept",) * 5 + ("Reject",))
    return _by_admin("ram", f"{operation}ResourceShareInvitation", random.choice((GUEST, GUEST, RECEIVER)))


def _delete_share(_random: Random) -> Call:
    return _by_admin("ram", "DeleteResourceShare")


def _drop_table(random: Random) -> Call:
    database, table = random.choice(mesh.TABLES)
    return Call(OWNER, "", "glue", "DeleteTable", {"DatabaseName": database, "Name": table})


def _make_table(random: Random) -> Call:
    database, table = random.choice(mesh.TABLES)
    given = {"DatabaseName": database, "TableInput": mesh.table_input(table, database)}
    return Call(OWNER, random.choice(("", "", "", "analyst", "clerk")), "glue", "CreateTable", given)


def _alter_table(random: Random) -> Call:
    database, table = random.choice(mesh.TABLES)
    columns = random.choice((mesh.COLUMNS, mesh.COLUMNS, mesh.COLUMNS[:3], ("id", "country")))
    given = {"DatabaseName": database, "TableInput": mesh.table_input(table, database, columns)}
    return Call(OWNER, "", "glue", "UpdateTable", given)


def _link(random: Random) -> Call:
    account, (database, link) = random.choice((RECEIVER, GUEST)), random.choice(sorted(mesh.LINKS.items()))
    if _by_chance(random, 0.3):
        return Call(account, "", "glue", "DeleteDatabase", {"Name": link})
    target = {"CatalogId": OWNER, "DatabaseName": random.choice((database, database, *mesh.LINKS))}
    return Call(
        account, "", "glue", "CreateDatabase", {"DatabaseInput": {"Name": link, "TargetDatabase": target}}
    )


def _grant_link(random: Random) -> Call:
    account, link = random.choice((RECEIVER, GUEST)), random.choice(sorted(mesh.LINKS.values()))
    operation = random.choice(("GrantPermissions",) * 4 + ("RevokePermissions",))
    who = arn(account, random.choice(mesh.ROLES[account]))
    return Call(
        account, "", "lakeformation", operation,
        {"Principal": _who(who), "Resource": {"Database": {"Name": link}}, "Permissions": ["DESCRIBE"]},
    )  # fmt: skip


STEPS: tuple[Drawing, ...] = (
    *(_change,) * 18, *(_pass_on,) * 8, *(_filter,) * 4, *(_retag,) * 4, *(_opt_in,) * 4, *(_answer,) * 4, *(_make_table,) * 5,
    *(_grant_link,) * 2, *(_link,) * 2, _open_to_all, _drop_filter, _redefine, _turn_hybrid, _register, _delete_share, _drop_table, _alter_table,
)  # fmt: skip
