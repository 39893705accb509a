"""What is answered from readings, against the oracle of the pretend AWS, which knows the rows behind them."""

from contextlib import suppress
from itertools import product
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from lakeformation.explanation.access_paths import AccessFacts, CatalogPermissions, explain_column_access
from lakeformation.explanation.answers import ColumnQuestion, ColumnVisibility
from lakeformation.observation.parsing import parse_cells_filter, parse_permissions
from lakeformation.values.permissions import DataCatalog, OptIn
from mocklake.testing.grant_strategies import grants
from mocklake.testing.principals import make_principals
from mocklake.testing.small_lake import (
    ALL_COLUMNS,
    COLUMNS,
    FRIEND,
    GRANTEES,
    OWNER,
    READERS,
    REGION,
    STRANGER,
    TABLES,
    AwsError,
    World,
    call,
    can_read,
    new_world,
    play,
)

PLACE = DataCatalog(OWNER, REGION)
LOCATION_ROLE = f"arn:aws:iam::{OWNER}:role/reads"
TIERS = ("gold", "silver")
DATA = {"TableCatalogId": OWNER, "DatabaseName": "d"}

tags = st.tuples(
    st.just("AddLFTagsToResource"),
    st.sampled_from(TABLES),
    st.sampled_from([None, *COLUMNS]),
    st.sampled_from(TIERS),
)
policies = st.tuples(st.just("policy"), st.sampled_from(GRANTEES), st.sampled_from(TIERS))
filters = st.tuples(
    st.just("filter"),
    st.sampled_from(READERS),
    st.sampled_from(TABLES),
    st.sets(st.sampled_from(COLUMNS), min_size=1),
)
opt_ins = st.tuples(st.just("opt in"), st.sampled_from(READERS), st.sampled_from([*TABLES, "ALL_TABLES", ""]))
steps = st.lists(
    st.one_of(
        grants, grants, tags, policies, filters, opt_ins, st.just("accept"), st.just("recreate")
    ),
    max_size=25,
)  # fmt: skip


def apply_step(world: World, step: Any) -> None:
    """A refused step changes nothing."""
    with suppress(AwsError):
        if step == "hybrid":
            location = {
                "ResourceArn": "arn:aws:s3:::x",
                "RoleArn": LOCATION_ROLE,
                "HybridAccessEnabled": True,
            }
            call(world, OWNER, "RegisterResource", **location)
        elif step[0] == "AddLFTagsToResource":
            _name, table, column, tier = step
            on = {"CatalogId": OWNER, "DatabaseName": "d", "Name": table}
            thing = {"TableWithColumns": {**on, "ColumnNames": [column]}} if column else {"Table": on}
            tag = {"CatalogId": OWNER, "TagKey": "tier", "TagValues": [tier]}
            call(world, OWNER, "AddLFTagsToResource", Resource=thing, LFTags=[tag])
        elif step[0] == "policy":
            expression = [{"TagKey": "tier", "TagValues": [step[2]]}]
            policy = {"CatalogId": OWNER, "ResourceType": "TABLE", "Expression": expression}
            grant(world, step[1], {"LFTagPolicy": policy})
        elif step[0] == "filter":
            _name, reader, table, columns = step
            name = "_".join(sorted(columns))
            named = {**DATA, "TableName": table, "Name": name}
            made = {**named, "ColumnNames": sorted(columns), "RowFilter": {"AllRowsWildcard": {}}}
            with suppress(AwsError):
                call(world, OWNER, "CreateDataCellsFilter", TableData=made)
            grant(world, reader, {"DataCellsFilter": named})
        elif step[0] == "opt in":
            call(
                world,
                OWNER,
                "CreateLakeFormationOptIn",
                Principal=build_principal(step[1]),
                Resource=build_resource(step[2]),
            )
        else:
            play(world, step)


def build_principal(arn: str) -> dict[str, str]:
    return {"DataLakePrincipalIdentifier": arn}


def build_resource(table: str) -> dict[str, Any]:
    if not table:
        return {"Database": {"CatalogId": OWNER, "Name": "d"}}
    name: dict[str, Any] = {"TableWildcard": {}} if table == "ALL_TABLES" else {"Name": table}
    return {"Table": {"CatalogId": OWNER, "DatabaseName": "d", **name}}


def grant(world: World, to: str, resource: dict[str, Any]) -> None:
    call(
        world,
        OWNER,
        "GrantPermissions",
        Principal=build_principal(to),
        Resource=resource,
        Permissions=["SELECT"],
    )


def permissions(world: World, account: str) -> list[dict[str, Any]]:
    """As workers read them: all rows, and those on filters table by table."""
    rows = call(world, account, "ListPermissions", CatalogId=OWNER)["PrincipalResourcePermissions"]
    for table in TABLES:
        on = {"Table": {"CatalogId": OWNER, "DatabaseName": "d", "Name": table}}
        with suppress(AwsError):
            asked = {"CatalogId": OWNER, "Resource": on, "IncludeRelated": "TRUE"}
            found = call(world, account, "ListPermissions", **asked)["PrincipalResourcePermissions"]
            rows += [row for row in found if "DataCellsFilter" in row["Resource"]]
    return list(rows)


def read_book(world: World, account: str) -> CatalogPermissions:
    rows = permissions(world, account)
    listed = call(world, account, "ListDataCellsFilter")["DataCellsFilters"]
    made = [parse_cells_filter(row, PLACE) for row in listed]
    return CatalogPermissions(parse_permissions(rows, PLACE).held, {one.key: one for one in made})


def read_tags(world: World, table: str) -> dict[str, dict[str, str]]:
    on = {"Table": {"CatalogId": OWNER, "DatabaseName": "d", "Name": table}}
    found = call(world, OWNER, "GetResourceLFTags", Resource=on, ShowAssignedLFTags=False)
    general = {tag["TagKey"]: tag["TagValues"][0] for tag in found.get("LFTagsOnTable", ())}
    own = {
        one["Name"]: {tag["TagKey"]: tag["TagValues"][0] for tag in one["LFTags"]}
        for one in found.get("LFTagsOnColumns", ())
    }
    return {column: {**general, **own.get(column, {})} for column in COLUMNS}


def read_opt_ins(world: World) -> frozenset[OptIn]:
    rows = call(world, OWNER, "ListLakeFormationOptIns")["LakeFormationOptInsInfoList"]
    found = []
    for row in rows:
        table = row["Resource"].get("Table", {"Name": ""})
        name = "*" if "TableWildcard" in table else table["Name"]
        found.append(OptIn(PLACE, row["Principal"]["DataLakePrincipalIdentifier"], "d", name))
    return frozenset(found)


def read_facts(world: World, table: str, account: str) -> AccessFacts | None:
    """All that can be read of a table that is there."""
    try:
        found = call(world, OWNER, "GetTable", DatabaseName="d", Name=table)["Table"]
    except AwsError:
        return None
    received = call(world, account, "GetResourceShares", resourceOwner="OTHER-ACCOUNTS")["resourceShares"]
    locations = call(world, OWNER, "ListResources")["ResourceInfoList"]
    return AccessFacts(
        COLUMNS, ("day",), read_tags(world, table), read_book(world, OWNER), read_book(world, account),
        is_hybrid=any(one.get("HybridAccessEnabled") for one in locations),
        opt_ins=read_opt_ins(world), account_opt_ins=frozenset(), creator=found["CreatedBy"], admins=frozenset(),
        is_share_delivered=any(one["status"] == "ACTIVE" for one in received), is_allowed_by_policy=False,
    )  # fmt: skip


def compare(world: World) -> set[bool]:
    """Which answers were given, all of them by both."""
    accounts = (OWNER, FRIEND, STRANGER)
    known = {(table, account): read_facts(world, table, account) for table in TABLES for account in accounts}
    told = set()
    for reader, (table, account), column in product(READERS, known, ALL_COLUMNS):
        found = known[table, account]
        if found is None or account not in reader:
            continue
        answer = explain_column_access(ColumnQuestion(reader, PLACE, "d", table, column), found)
        judged = can_read(world, reader, table, column)
        shown = [[(step.state, step.text) for step in way.steps] for way in answer.paths]
        assert (answer.visibility is ColumnVisibility.VISIBLE) == judged.allowed, (
            reader,
            column,
            judged,
            shown,
        )
        assert answer.visibility is not ColumnVisibility.UNKNOWN, (reader, column, shown)
        told.add(judged.allowed)
    return told


def make_tagged_world() -> World:
    world = new_world()
    make_principals(LOCATION_ROLE)
    call(world, OWNER, "CreateLFTag", TagKey="tier", TagValues=list(TIERS))
    return world


@settings(max_examples=60, deadline=None)
@given(st.sampled_from([[], ["hybrid"]]), steps)
def test_on_random_worlds_both_answer_the_same_for_every_reader_and_column(
    first: list[Any], later: list[Any]
) -> None:
    world = make_tagged_world()
    history = [*first, *later]
    for step in history:
        apply_step(world, step)
    compare(world)


def test_each_kind_of_way_opens_something_in_such_a_world() -> None:
    """The property above would hold in worlds in which nothing is ever granted."""
    for way in (
        ("filter", READERS[0], "one", {"a"}),
        ("policy", READERS[2], "gold"),
        ("GrantPermissions", OWNER, STRANGER, build_resource("one"), ["SELECT"], True),
        ("GrantPermissions", OWNER, FRIEND, build_resource("ALL_TABLES"), ["SELECT"], True),
        ("GrantPermissions", OWNER, "IAM_ALLOWED_PRINCIPALS", build_resource("two"), ["ALL"], False),
    ):
        world = make_tagged_world()
        apply_step(world, ("AddLFTagsToResource", "one", None, "gold"))
        apply_step(world, way)
        apply_step(world, "accept")
        for account, reader in ((STRANGER, READERS[4]), (FRIEND, READERS[2])):
            apply_step(world, ("GrantPermissions", account, reader, build_resource("one"), ["SELECT"], False))
        assert compare(world) == {True, False}, way


def test_in_hybrid_mode_what_everyone_holds_counts_for_those_who_did_not_opt_in() -> None:
    world = make_tagged_world()
    everyone = ("GrantPermissions", OWNER, "IAM_ALLOWED_PRINCIPALS", build_resource("one"), ["ALL"], False)
    for step in ("hybrid", ("opt in", READERS[0], "one"), everyone):
        apply_step(world, step)
    assert compare(world) == {True, False}
    readers = [can_read(world, reader, "one", "a").allowed for reader in READERS[:2]]
    assert readers == [False, True]
