"""Permissions by LF-Tags: on tags themselves, and on whatever carries them, live and across accounts."""

from typing import Any

import pytest

from mocklake.oracle.columns import can_read
from mocklake.tests.lakeformation.lf_tags import assign, expression, make_tags, on_policy, on_tag
from mocklake.tests.lakeformation.worlds import (
    ADMIN,
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
    grant,
    lf,
    new_world,
    on_columns,
    on_database,
    on_table,
    readable,
    refused,
    revoke,
    rows,
    with_table,
)
from mocklake.world import World

TEAM = {PRODUCER, CONSUMER}
STEWARD = caller(PRODUCER, "Steward")
SALES = on_policy({"team": ("sales",)})


def _world(**options: Any) -> World:
    """The producer's database carries team=sales, its column email level=high."""
    world = with_table(new_world(**({"organisation": TEAM} | options)))
    make_tags(world, {"team": ("sales", "risk"), "level": ("low", "high")})
    assert assign(world, on_database(), "team", "sales") == []
    assert assign(world, on_columns("email"), "level", "high") == []
    return world


def _agreed(world: World, who: Any) -> tuple[str, ...]:
    place = (PRODUCER, REGION, "sales", "orders")
    columns = tuple(
        name
        for name in ("id", "email", "amount", "country", "day")
        if can_read(world, who.arn, *place, name).allowed
    )
    assert columns == readable(world, who)
    return columns


def test_a_policy_reaches_tables_through_their_database_and_follows_a_retag() -> None:
    world = _world()
    grant(world, ADMIN, ANALYST.arn, SALES, "SELECT", "DESCRIBE")
    assert len(_agreed(world, ANALYST)) == 5
    assign(world, on_table(), "team", "risk")
    assert _agreed(world, ANALYST) == ()
    assign(world, on_columns("id"), "team", "sales")
    assert _agreed(world, ANALYST) == ("id", "day")


def test_every_key_must_fit_and_any_of_its_values() -> None:
    world = _world()
    both = on_policy({"team": ("risk", "sales"), "level": ("high",)})
    grant(world, ADMIN, ANALYST.arn, both, "SELECT")
    assert _agreed(world, ANALYST) == ("email", "day")
    assign(world, on_table(), "level", "low")
    assign(world, on_columns("amount"), "level", "high")
    assert _agreed(world, ANALYST) == ("email", "amount", "day")


def test_glue_shows_what_policies_open() -> None:
    world = _world()
    table = {"DatabaseName": "sales", "Name": "orders"}
    for operation, asked in (("GetTable", table), ("GetDatabase", {"Name": "sales"})):
        with refused("AccessDeniedException"):
            call(world, ANALYST, "glue", operation, **asked)
    grant(world, ADMIN, ANALYST.arn, on_policy({"level": ("high",)}), "SELECT", "DESCRIBE")
    seen = call(world, ANALYST, "glue", "GetTable", **table)["Table"]["StorageDescriptor"]["Columns"]
    assert [column["Name"] for column in seen] == ["email"]
    assert call(world, ANALYST, "glue", "GetDatabase", Name="sales")
    grant(world, ADMIN, STEWARD.arn, on_policy({"team": ("sales",)}, "DATABASE"), "DESCRIBE", "CREATE_TABLE")
    call(world, STEWARD, "glue", "CreateTable", DatabaseName="sales", TableInput={"Name": "new"})


def test_policies_are_listed_in_their_own_shape() -> None:
    world = _world()
    policy = on_policy({"Team": ("SALES",), "level": ("low", "high")})
    grant(world, ADMIN, ANALYST.arn, policy, "SELECT", "DESCRIBE", option=("DESCRIBE",))
    stored = on_policy({"level": ("high", "low"), "team": ("sales",)})
    (row,) = rows(world, ADMIN, ResourceType="LF_TAG_POLICY")
    assert (row["Resource"], row["Permissions"]) == (stored, ["DESCRIBE", "SELECT"])
    assert rows(world, ADMIN, ResourceType="LF_TAG_POLICY_TABLE") == rows(world, ADMIN, Resource=policy)
    assert rows(world, ADMIN, ResourceType="LF_TAG_POLICY_DATABASE") == []
    assert rows(world, ADMIN, Resource=on_table()) == []
    grant(world, ADMIN, ANALYST.arn, on_tag("team", "sales"), "DESCRIBE")
    assert [row["Resource"] for row in rows(world, ADMIN, ResourceType="LF_TAG")] == [on_tag("team", "sales")]


def test_a_revoke_names_the_policy_as_it_was_granted() -> None:
    world = _world()
    grant(world, ADMIN, ANALYST.arn, SALES, "SELECT", "DESCRIBE")
    with refused("InvalidInputException", "No permissions revoked. Grantee has no permissions"):
        revoke(world, ADMIN, ANALYST.arn, on_policy({"team": ("sales", "risk")}), "SELECT")
    with refused("InvalidInputException", "No permissions revoked. Grantee does not have:[ALTER]"):
        revoke(world, ADMIN, ANALYST.arn, SALES, "ALTER")
    revoke(world, ADMIN, ANALYST.arn, SALES, "SELECT", "DESCRIBE")
    assert _agreed(world, ANALYST) == ()


@pytest.mark.parametrize(
    ("resource", "verbs", "code"),
    [
        (on_policy({"team": ("nobody",)}), ("SELECT",), "EntityNotFoundException"),
        (on_policy({"nothing": ("sales",)}), ("SELECT",), "EntityNotFoundException"),
        (on_tag("team", "nobody"), ("DESCRIBE",), "EntityNotFoundException"),
        (on_policy({"team": ("sales",)}, "DATABASE"), ("SELECT",), "InvalidInputException"),
        (on_policy({"team": ("sales",)}, "COLUMN"), ("SELECT",), "ValidationException"),
        (SALES, ("CREATE_TABLE",), "InvalidInputException"),
        (on_policy({}), ("SELECT",), "InvalidInputException"),
        (on_tag("team", "sales"), ("SELECT",), "InvalidInputException"),
        (
            on_policy({"team": tuple(f"v{number}" for number in range(51))}),
            ("SELECT",),
            "ValidationException",
        ),
    ],
)
def test_what_is_refused(resource: dict[str, Any], verbs: tuple[str, ...], code: str) -> None:
    world = _world()
    with refused(code):
        grant(world, ADMIN, ANALYST.arn, resource, *verbs)


def test_everyone_is_granted_nothing_by_tags() -> None:
    with refused("InvalidInputException", "Permissions modification is invalid"):
        grant(_world(), ADMIN, EVERYONE, SALES, "ALL")


def test_describe_shows_a_tag_and_associate_assigns_it() -> None:
    world = _world()
    grant(world, ADMIN, STEWARD.arn, on_table(), "DESCRIBE")
    grant(world, ADMIN, STEWARD.arn, on_tag("team", "risk"), "DESCRIBE")
    assert lf(world, STEWARD, "GetLFTag", TagKey="team")["TagValues"] == ["risk"]
    grant(world, ADMIN, STEWARD.arn, on_tag("team", "risk"), "ASSOCIATE")
    with refused("AccessDeniedException"):
        assign(world, on_table(), "team", "risk", STEWARD)
    grant(world, ADMIN, STEWARD.arn, on_table(), "ALL", option=("ALL",))
    assert assign(world, on_table(), "team", "risk", STEWARD) == []
    assert len(assign(world, on_table(), "team", "sales", STEWARD)) == 1
    with refused("AccessDeniedException"):
        lf(world, STEWARD, "DeleteLFTag", TagKey="team")


def test_who_may_grant_by_tags() -> None:
    world = _world()
    for verb in ("ASSOCIATE", "DESCRIBE"):
        grant(world, ADMIN, STEWARD.arn, on_tag("team", "sales"), verb)
    for resource, granted in ((SALES, "SELECT"), (on_tag("team", "sales"), "DESCRIBE")):
        with refused("AccessDeniedException"):
            grant(world, STEWARD, ANALYST.arn, resource, granted)
    verb = "GRANT_WITH_LF_TAG_EXPRESSION"
    grant(world, ADMIN, STEWARD.arn, on_tag("team", "sales"), verb, "DESCRIBE", option=("DESCRIBE",))
    grant(world, STEWARD, ANALYST.arn, SALES, "SELECT")
    grant(world, STEWARD, ANALYST.arn, on_tag("team", "sales"), "DESCRIBE")
    with refused("AccessDeniedException"):
        grant(world, STEWARD, ANALYST.arn, on_policy({"team": ("sales", "risk")}), "SELECT")


def test_a_direct_foreign_principal_waits_for_the_invitation() -> None:
    world = _world(organisation=set())
    grant(world, ADMIN, GUEST.arn, SALES, "SELECT", "DESCRIBE")
    assert _agreed(world, GUEST) == ()
    accept(world)
    assert len(_agreed(world, GUEST)) == 5


def test_an_account_passes_on_the_identical_policy() -> None:
    world = _world()
    grant(world, ADMIN, CONSUMER, SALES, "SELECT", "DESCRIBE", option=("SELECT", "DESCRIBE"))
    assert _agreed(world, GUEST) == ()
    grant(world, RECEIVER, GUEST.arn, SALES, "SELECT")
    assert len(_agreed(world, GUEST)) == 5
    revoke(world, ADMIN, CONSUMER, SALES, "SELECT", "DESCRIBE", option=("SELECT", "DESCRIBE"))
    assert _agreed(world, GUEST) == ()


def test_an_account_grants_a_table_that_a_policy_opened_to_it() -> None:
    world = _world()
    grant(world, ADMIN, CONSUMER, SALES, "SELECT", option=("SELECT",))
    grant(world, RECEIVER, GUEST.arn, on_columns("id"), "SELECT")
    assert _agreed(world, GUEST) == ("id", "day")


def test_another_policy_is_passed_on_by_described_tags_where_aws_does_so() -> None:
    world = _world()
    narrow = on_policy({"team": ("sales",), "level": ("high",)})
    grant(world, ADMIN, CONSUMER, SALES, "SELECT", option=("SELECT",))
    for key, values in (("team", ("sales",)), ("level", ("high", "low"))):
        grant(world, ADMIN, CONSUMER, on_tag(key, *values), "DESCRIBE", option=("DESCRIBE",))
    with refused("AccessDeniedException"):
        grant(world, RECEIVER, GUEST.arn, narrow, "SELECT")
    world.switches.regrants_by_described_tags = True
    grant(world, RECEIVER, GUEST.arn, narrow, "SELECT")
    assert _agreed(world, GUEST) == ("email", "day")


def test_shared_tags_are_seen_with_the_values_granted() -> None:
    world = _world()
    grant(world, ADMIN, CONSUMER, on_tag("team", "sales"), "DESCRIBE", option=("DESCRIBE",))
    tag = {"CatalogId": PRODUCER} | expression({"team": ("sales",)})[0]
    assert lf(world, RECEIVER, "ListLFTags", ResourceShareType="FOREIGN")["LFTags"] == [tag]
    with refused("AccessDeniedException"):
        lf(world, GUEST, "GetLFTag", CatalogId=PRODUCER, TagKey="team")
    grant(world, RECEIVER, GUEST.arn, on_tag("team", "sales"), "DESCRIBE")
    assert lf(world, GUEST, "GetLFTag", CatalogId=PRODUCER, TagKey="team") == tag


@pytest.mark.parametrize("mine", ["1", "2"])
@pytest.mark.parametrize("theirs", ["3", "5"])
def test_tags_below_version_3_reach_no_later_account(mine: str, theirs: str) -> None:
    world = _world(version=mine)
    lf(
        world,
        caller(CONSUMER),
        "PutDataLakeSettings",
        DataLakeSettings={"Parameters": {"CROSS_ACCOUNT_VERSION": theirs}},
    )
    with refused("InvalidInputException", "Invalid cross account grant request. Consumer account has opt-in"):
        grant(world, ADMIN, CONSUMER, SALES, "SELECT")
