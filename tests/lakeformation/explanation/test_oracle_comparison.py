"""What is answered from readings, against the oracle of the pretend AWS, which knows the rows behind them."""

from contextlib import suppress
from itertools import product
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from awsim.testing.grant_strategies import grants
from awsim.testing.small_lake import (
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
from lakeformation.explanation.access_paths import Book, Facts, explain
from lakeformation.explanation.answers import Asked, Verdict
from lakeformation.observation.parsing import cells_filter, normalise
from lakeformation.values.permissions import OptIn, Place

PLACE = Place(OWNER, REGION)
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


def do(world: World, step: Any) -> None:
    """A refused step changes nothing."""
    with suppress(AwsError):
        if step == "hybrid":
            role = f"arn:aws:iam::{OWNER}:role/reads"
            call(
                world,
                OWNER,
                "RegisterResource",
                ResourceArn="arn:aws:s3:::x",
                RoleArn=role,
                HybridAccessEnabled=True,
            )
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
            call(world, OWNER, "CreateLakeFormationOptIn", Principal=who(step[1]), Resource=opted(step[2]))
        else:
            play(world, step)


def who(arn: str) -> dict[str, str]:
    return {"DataLakePrincipalIdentifier": arn}


def opted(table: str) -> dict[str, Any]:
    if not table:
        return {"Database": {"CatalogId": OWNER, "Name": "d"}}
    name: dict[str, Any] = {"TableWildcard": {}} if table == "ALL_TABLES" else {"Name": table}
    return {"Table": {"CatalogId": OWNER, "DatabaseName": "d", **name}}


def grant(world: World, to: str, resource: dict[str, Any]) -> None:
    call(world, OWNER, "GrantPermissions", Principal=who(to), Resource=resource, Permissions=["SELECT"])


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


def book(world: World, account: str) -> Book:
    rows = permissions(world, account)
    listed = call(world, account, "ListDataCellsFilter")["DataCellsFilters"]
    made = [cells_filter(row, PLACE) for row in listed]
    return Book(normalise(rows, PLACE), {one.key: one for one in made})


def in_force(world: World, table: str) -> dict[str, dict[str, str]]:
    on = {"Table": {"CatalogId": OWNER, "DatabaseName": "d", "Name": table}}
    found = call(world, OWNER, "GetResourceLFTags", Resource=on, ShowAssignedLFTags=False)
    general = {tag["TagKey"]: tag["TagValues"][0] for tag in found.get("LFTagsOnTable", ())}
    own = {
        one["Name"]: {tag["TagKey"]: tag["TagValues"][0] for tag in one["LFTags"]}
        for one in found.get("LFTagsOnColumns", ())
    }
    return {column: {**general, **own.get(column, {})} for column in COLUMNS}


def opted_in(world: World) -> frozenset[OptIn]:
    rows = call(world, OWNER, "ListLakeFormationOptIns")["LakeFormationOptInsInfoList"]
    found = []
    for row in rows:
        table = row["Resource"].get("Table", {"Name": ""})
        name = "*" if "TableWildcard" in table else table["Name"]
        found.append(OptIn(PLACE, row["Principal"]["DataLakePrincipalIdentifier"], "d", name))
    return frozenset(found)


def facts(world: World, table: str, account: str) -> Facts | None:
    """All that can be read of a table that is there."""
    try:
        found = call(world, OWNER, "GetTable", DatabaseName="d", Name=table)["Table"]
    except AwsError:
        return None
    received = call(world, account, "GetResourceShares", resourceOwner="OTHER-ACCOUNTS")["resourceShares"]
    locations = call(world, OWNER, "ListResources")["ResourceInfoList"]
    return Facts(
        COLUMNS, ("day",), in_force(world, table), book(world, OWNER), book(world, account),
        is_hybrid=any(one.get("HybridAccessEnabled") for one in locations),
        opt_ins=opted_in(world), account_opt_ins=frozenset(), creator=found["CreatedBy"], admins=frozenset(),
        delivered=any(one["status"] == "ACTIVE" for one in received), opened_by_policy=False,
    )  # fmt: skip


def compare(world: World) -> set[bool]:
    """Which answers were given, all of them by both."""
    accounts = (OWNER, FRIEND, STRANGER)
    known = {(table, account): facts(world, table, account) for table in TABLES for account in accounts}
    told = set()
    for reader, (table, account), column in product(READERS, known, ALL_COLUMNS):
        found = known[table, account]
        if found is None or account not in reader:
            continue
        answer = explain(Asked(reader, PLACE, "d", table, column), found)
        judged = can_read(world, reader, table, column)
        shown = [[(step.state, step.text) for step in way.steps] for way in answer.ways]
        assert (answer.verdict is Verdict.SEES) == judged.allowed, (reader, column, judged, shown)
        assert answer.verdict is not Verdict.UNKNOWN, (reader, column, shown)
        told.add(judged.allowed)
    return told


def with_tags() -> World:
    world = new_world()
    call(world, OWNER, "CreateLFTag", TagKey="tier", TagValues=list(TIERS))
    return world


@settings(max_examples=60, deadline=None)
@given(st.sampled_from([[], ["hybrid"]]), steps)
def test_on_random_worlds_both_answer_the_same_for_every_reader_and_column(
    first: list[Any], later: list[Any]
) -> None:
    world = with_tags()
    history = [*first, *later]
    for step in history:
        do(world, step)
    compare(world)


def test_each_kind_of_way_opens_something_in_such_a_world() -> None:
    """The property above would hold in worlds in which nothing is ever granted."""
    for way in (
        ("filter", READERS[0], "one", {"a"}),
        ("policy", READERS[2], "gold"),
        ("GrantPermissions", OWNER, STRANGER, opted("one"), ["SELECT"], True),
        ("GrantPermissions", OWNER, FRIEND, opted("ALL_TABLES"), ["SELECT"], True),
        ("GrantPermissions", OWNER, "IAM_ALLOWED_PRINCIPALS", opted("two"), ["ALL"], False),
    ):
        world = with_tags()
        do(world, ("AddLFTagsToResource", "one", None, "gold"))
        do(world, way)
        do(world, "accept")
        for account, reader in ((STRANGER, READERS[4]), (FRIEND, READERS[2])):
            do(world, ("GrantPermissions", account, reader, opted("one"), ["SELECT"], False))
        assert compare(world) == {True, False}, way


def test_in_hybrid_mode_what_everyone_holds_counts_for_those_who_did_not_opt_in() -> None:
    world = with_tags()
    everyone = ("GrantPermissions", OWNER, "IAM_ALLOWED_PRINCIPALS", opted("one"), ["ALL"], False)
    for step in ("hybrid", ("opt in", READERS[0], "one"), everyone):
        do(world, step)
    assert compare(world) == {True, False}
    readers = [can_read(world, reader, "one", "a").allowed for reader in READERS[:2]]
    assert readers == [False, True]
