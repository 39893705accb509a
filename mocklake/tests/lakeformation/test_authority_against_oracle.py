"""The request path and the oracle, written apart, decide alike after whatever happened."""

from collections.abc import Callable
from functools import cache
from itertools import product
from random import Random
from typing import Any

import duckdb
import pytest

from mocklake.errors import AwsError
from mocklake.iam.callers import Caller
from mocklake.lakeformation import selections
from mocklake.lakeformation.authority import granted_columns
from mocklake.oracle.columns import can_read
from mocklake.tests.lakeformation.lf_tags import Tags, assign, expression, make_tags, on_policy
from mocklake.tests.lakeformation.worlds import (
    ADMIN,
    ALL_TABLES,
    ANALYST,
    CONSUMER,
    EVERYONE,
    GUEST,
    PRODUCER,
    RECEIVER,
    REGION,
    accept,
    call,
    caller,
    filter_data,
    grant,
    lf,
    new_world,
    on_columns,
    on_database,
    on_filter,
    on_table,
    readable,
    revoke,
    role,
    with_table,
)
from mocklake.world import World

ROOT = caller(PRODUCER)
STEWARD = caller(PRODUCER, "Steward")
ORGANISATION = f"arn:aws:organizations::{PRODUCER}:organization/o-abcdefghij"
GRANTORS = (ADMIN, ADMIN, RECEIVER, STEWARD)
LAKE = {"ResourceArn": "arn:aws:s3:::producer-lake/sales", "RoleArn": role(PRODUCER, "LakeData")}
GRANTEES = (ANALYST.arn, GUEST.arn, STEWARD.arn, CONSUMER, EVERYONE, ORGANISATION)
READERS = (ROOT, ADMIN, ANALYST, STEWARD, RECEIVER, GUEST)
TABLES = ("orders", "returns")
EXPECTED = (
    "InvalidInputException",
    "AccessDeniedException",
    "EntityNotFoundException",
    "AlreadyExistsException",
)
COLUMNS = ("id", "email", "amount", "country", "day")
FILTERS = ("near", "far")
POLICIES = ("east", "west")
TYPES = {"day": "date"}
TAGS: Tags = {"team": ("a", "b"), "level": ("low", "high")}


def _policy(random: Random) -> dict[str, Any]:
    keys = random.sample(sorted(TAGS), random.choice((1, 1, 2)))
    return on_policy({key: tuple(random.sample(TAGS[key], random.choice((1, 2)))) for key in keys})


NAMED = {"LFTagPolicy": {"CatalogId": PRODUCER, "ResourceType": "TABLE", "ExpressionName": "named"}}


WHERE: tuple[Callable[[Random], dict[str, Any]], ...] = (
    lambda random: on_table(random.choice(TABLES)),
    lambda random: on_columns(*random.sample(COLUMNS[:4], 2), table=random.choice(TABLES)),
    lambda random: on_columns(random.choice(COLUMNS[:4]), table=random.choice(TABLES)),
    lambda random: ALL_TABLES,
    lambda random: on_filter(random.choice(FILTERS), random.choice(TABLES)),
    lambda random: on_filter(random.choice(FILTERS), random.choice(TABLES)),
    lambda random: on_filter(random.choice(FILTERS), random.choice(TABLES)),
    _policy,
    _policy,
    lambda random: NAMED,
)
EXPRESSIONS = (
    None,
    "country = 'de'",
    "country IN ('fr', 'it') AND NOT id LIKE '1%'",
    "amount > '2' OR country IS NULL",
    "day BETWEEN DATE '2026-01-01' AND DATE '2026-06-30'",
    "NOT (country <> 'de' OR day >= '2026-07-01')",
)
ROWS: tuple[dict[str, str | None], ...] = (
    {"id": "1", "email": "a", "amount": "3", "country": "de", "day": "2026-01-31"},
    {"id": "12", "email": None, "amount": "1", "country": "fr", "day": "2026-08-01"},
    {"id": "2", "email": "b", "amount": None, "country": None, "day": "2026-07-01"},
)


def _change(world: World, random: Random) -> None:
    act = random.choice((grant, grant, grant, revoke))
    option = random.choice(((), ("SELECT",)))
    grantor, grantee = random.choice(GRANTORS), random.choice(GRANTEES)
    act(world, grantor, grantee, random.choice(WHERE)(random), "SELECT", option=option)


def _open_to_all(world: World, random: Random) -> None:
    random.choice((grant, revoke))(world, ADMIN, EVERYONE, on_table(random.choice(TABLES)), "ALL")


def _accept(world: World, random: Random) -> None:
    accept(world)


def _delete_share(world: World, random: Random) -> None:
    answer = call(world, ADMIN, "ram", "GetResourceShares", resourceOwner="SELF")
    for share in answer["resourceShares"][:1]:
        call(world, ADMIN, "ram", "DeleteResourceShare", resourceShareArn=share["resourceShareArn"])


def _filter(world: World, random: Random) -> None:
    operation = random.choice(("CreateDataCellsFilter", "CreateDataCellsFilter", "UpdateDataCellsFilter"))
    columns = tuple(random.sample(COLUMNS[:4], random.choice((0, 1, 2))))
    name, table = random.choice(FILTERS), random.choice(TABLES)
    data = filter_data(name, random.choice(EXPRESSIONS), columns, table=table)
    lf(world, random.choice((ADMIN, ADMIN, RECEIVER)), operation, TableData=data)


def _drop_filter(world: World, random: Random) -> None:
    named = on_filter(random.choice(FILTERS), random.choice(TABLES))["DataCellsFilter"]
    lf(world, random.choice((ADMIN, RECEIVER)), "DeleteDataCellsFilter", **named)


def _retag(world: World, random: Random) -> None:
    operation = random.choice(("AddLFTagsToResource", "AddLFTagsToResource", "RemoveLFTagsFromResource"))
    table = random.choice(TABLES)
    resource = random.choice(
        (on_database(), on_table(table), on_columns(random.choice(COLUMNS), table=table))
    )
    key = random.choice(sorted(TAGS))
    pairs = [{"TagKey": key, "TagValues": [random.choice(TAGS[key])]}]
    lf(world, ADMIN, operation, Resource=resource, LFTags=pairs)


def _redefine(world: World, random: Random) -> None:
    tags = _policy(random)["LFTagPolicy"]["Expression"]
    lf(world, ADMIN, "UpdateLFTagExpression", Name="named", Expression=tags)


def _turn_hybrid(world: World, random: Random) -> None:
    hybrid = random.random() < 0.6
    lf(world, ADMIN, "UpdateResource", **LAKE, HybridAccessEnabled=hybrid)


def _opt_in(world: World, random: Random) -> None:
    operation = random.choice(("CreateLakeFormationOptIn",) * 3 + ("DeleteLakeFormationOptIn",))
    where = random.choice((on_table(random.choice(TABLES)), ALL_TABLES, on_database()))
    who = {"DataLakePrincipalIdentifier": random.choice(GRANTEES[:4])}
    lf(world, random.choice((ADMIN, ADMIN, RECEIVER)), operation, Principal=who, Resource=where)


def _change_policy(world: World, random: Random) -> None:
    name, columns = (
        random.choice(POLICIES),
        [{"Name": one, "Type": TYPES.get(one, "string")} for one in COLUMNS],
    )
    body = {"Name": name, "FilterExpression": random.choice(EXPRESSIONS[1:])}
    verb = random.choice(("Create", "Update", "Update", "Delete"))
    besides: dict[str, dict[str, Any]] = {
        "Create": {"AttachmentColumns": columns, **body},
        "Update": body,
        "Delete": {"Name": name},
    }
    lf(world, ADMIN, f"{verb}RLSPolicy", **besides[verb])


def _attach(world: World, random: Random) -> None:
    verb = random.choice(("Attach", "Attach", "Detach"))
    name, tagged = random.choice(POLICIES), {"LFTagPolicy": _policy(random)["LFTagPolicy"]}
    principal = {"DataLakePrincipalIdentifier": random.choice((*GRANTEES[:4], f"{PRODUCER}:IAMPrincipals"))}
    if random.random() < 0.25:
        default = {"Attach": {"SetDefault": True}, "Detach": {"RemoveDefault": True}}[verb]
        lf(world, ADMIN, f"{verb}RLSPolicy", Name=name, Resource=on_table(random.choice(TABLES)), **default)
        return
    where = random.choice((on_table(random.choice(TABLES)), on_table(random.choice(TABLES)), tagged))
    lf(world, ADMIN, f"{verb}RLSPolicy", Name=name, Resource=where, Principal=principal)


def _recreate(world: World, random: Random) -> None:
    name = random.choice(TABLES)
    call(world, ROOT, "glue", "DeleteTable", DatabaseName="sales", Name=name)
    with_table(world, table=name)


STEPS = (
    *(_change,) * 8, *(_filter,) * 2, *(_retag,) * 2, *(_opt_in,) * 2,
    _change_policy, *(_attach,) * 2, _open_to_all, _accept, _delete_share, _recreate, _drop_filter, _redefine, _turn_hybrid,
)  # fmt: skip


@cache
def _engine() -> Any:
    return duckdb.connect()


@cache
def _fits(condition: str, number: int) -> bool:
    row = ROWS[number]
    listed = ", ".join(f"CAST(? AS {'date' if name == 'day' else 'varchar'}) AS {name}" for name in COLUMNS)
    values = [row[name] for name in COLUMNS]
    answer = _engine().execute(f"SELECT coalesce({condition}, false) FROM (SELECT {listed})", values)
    return bool(answer.fetchone()[0])


def _cells(world: World, who: Caller, table: str) -> list[tuple[str, ...]]:
    """The columns that the request path shows of each sampled row."""
    place = {"catalog_id": PRODUCER, "database": "sales", "table": table, "region": REGION}
    try:
        granted = granted_columns(world, who.arn, who.account, **place)
    except AwsError:
        return [()] * len(ROWS)
    conditions = {name: selections.write_rows_sql(granted.cells[name]) for name in granted.columns}
    return [
        tuple(name for name, condition in conditions.items() if condition is None or _fits(condition, number))
        for number in range(len(ROWS))
    ]


def _cells_by_oracle(world: World, who: Caller, table: str) -> list[tuple[str, ...]]:
    place = (PRODUCER, REGION, "sales", table)
    return [
        tuple(name for name in COLUMNS if can_read(world, who.arn, *place, name, row=row).allowed)
        for row in ROWS
    ]


def _by_oracle(world: World, who: Caller, table: str) -> tuple[str, ...]:
    place = (PRODUCER, REGION, "sales", table)
    return tuple(name for name in COLUMNS if can_read(world, who.arn, *place, name).allowed)


def _make_policies(world: World) -> None:
    columns = [{"Name": one, "Type": TYPES.get(one, "string")} for one in COLUMNS]
    for name, text in zip(POLICIES, EXPRESSIONS[1:3], strict=True):
        lf(world, ADMIN, "CreateRLSPolicy", Name=name, AttachmentColumns=columns, FilterExpression=text)


@pytest.mark.parametrize("seed", range(40))
def test_they_agree(seed: int) -> None:
    random = Random(seed)
    organisation = {PRODUCER, CONSUMER} if seed % 2 else set()
    world = with_table(with_table(new_world(organisation=organisation)), table="returns")
    for name, table in product(FILTERS, TABLES):
        lf(world, ADMIN, "CreateDataCellsFilter", TableData=filter_data(name, EXPRESSIONS[1], table=table))
    lf(world, ADMIN, "RegisterResource", **LAKE)
    make_tags(world, TAGS)
    assign(world, on_database(), "team", "a")
    lf(world, ADMIN, "CreateLFTagExpression", Name="named", Expression=expression(TAGS))
    grant(world, ADMIN, STEWARD.arn, on_database(), "DESCRIBE")
    world.switches.merge_column_rows = seed % 3 != 0
    world.switches.rls_policies_with_filters = ("intersection", "union")[seed % 2]
    world.switches.default_rls_policy_beside_others = seed % 4 < 2
    _make_policies(world)
    for _ in range(40):
        try:
            random.choice(STEPS)(world, random)
        except AwsError as error:
            if error.code not in EXPECTED:
                raise
        for who in READERS:
            for table in TABLES:
                assert readable(world, who, table) == _by_oracle(world, who, table), (who.arn, table)
                assert _cells(world, who, table) == _cells_by_oracle(world, who, table), (who.arn, table)
