"""Row-level security policies: who may make, attach and see them, and what is refused. What they show is in the scenarios."""

from typing import Any

import pytest

from mocklake.lakeformation import lifecycle
from mocklake.lakeformation.store import Book, book_of
from mocklake.oracle.columns import can_read
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
    grant,
    lf,
    new_world,
    on_database,
    on_filter,
    on_table,
    refused,
    with_table,
)
from mocklake.world import World

COUNTRY = [{"Name": "country", "Type": "string"}]


def _world(expression: str = "country = 'de'") -> World:
    world = with_table(new_world(organisation={PRODUCER, CONSUMER}))
    lf(world, ADMIN, "CreateRLSPolicy", Name="near", AttachmentColumns=COUNTRY, FilterExpression=expression)
    return world


def _who(name: str) -> dict[str, Any]:
    return {"DataLakePrincipalIdentifier": name}


def _attach(world: World, principal: str = ANALYST.arn, **besides: Any) -> None:
    asked = {"Name": "near", "Resource": on_table(), "Principal": _who(principal)} | besides
    lf(world, ADMIN, "AttachRLSPolicy", **asked)


def _reads(world: World, who: str, country: str) -> bool:
    row = {"id": "1", "email": "a", "amount": "2", "country": country, "day": "2026-01-01"}
    return can_read(world, who, PRODUCER, REGION, "sales", "orders", "id", row=row).allowed


def test_only_administrators_make_policies() -> None:
    world = with_table(new_world())
    with refused("AccessDeniedException"):
        lf(
            world,
            ANALYST,
            "CreateRLSPolicy",
            Name="a",
            AttachmentColumns=COUNTRY,
            FilterExpression="country = 'de'",
        )


@pytest.mark.parametrize(
    "expression", ["", "email = 'a'", "country = 1", "country IN (SELECT country FROM x)"]
)
def test_an_expression_is_about_declared_columns(expression: str) -> None:
    with refused("InvalidInputException"):
        _world(expression)


@pytest.mark.parametrize(
    "besides",
    [
        {"Resource": on_database()},
        {"Resource": on_filter("near")},
        {"Resource": {"Table": {"DatabaseName": "sales", "TableWildcard": {}}}},
        {"Principal": _who(EVERYONE)},
        {"Principal": _who("nobody")},
        {"SetDefault": True},
        {"Condition": {"Expression": "context.a == 'b'"}},
        {"Principal": {}},
    ],
)
def test_an_attachment_is_to_a_table_for_one_principal_condition_or_all(besides: dict[str, Any]) -> None:
    with refused("InvalidInputException"):
        _attach(_world(), **besides)


def test_a_policy_that_is_not_there_cannot_be_attached() -> None:
    with refused("EntityNotFoundException"):
        _attach(_world(), Name="far")
    with refused("EntityNotFoundException"):
        _attach(_world(), Resource=on_table("gone"))


def test_others_see_and_change_no_policy() -> None:
    world = _world()
    _attach(world)
    assert lf(world, ANALYST, "ListRLSPolicies")["RLSPolicies"] == []
    assert lf(world, ANALYST, "ListRLSPolicyAttachments")["RLSPolicyAttachments"] == []
    for operation in ("GetRLSPolicy", "DeleteRLSPolicy"):
        with refused("AccessDeniedException"):
            lf(world, ANALYST, operation, Name="near")


def test_a_policy_narrows_a_role_of_another_account() -> None:
    world = _world()
    grant(world, ADMIN, GUEST.arn, on_table(), "SELECT")
    accept(world, RECEIVER)
    assert _reads(world, GUEST.arn, "fr")
    _attach(world, GUEST.arn)
    assert not _reads(world, GUEST.arn, "fr")
    assert _reads(world, GUEST.arn, "de")


def test_an_attachment_without_select_shows_nothing() -> None:
    world = _world()
    _attach(world)
    assert not _reads(world, ANALYST.arn, "de")


def test_an_attachment_under_a_condition_counts_for_nothing() -> None:
    world = _world()
    grant(world, ADMIN, ANALYST.arn, on_table(), "SELECT")
    condition = {"Condition": {"Expression": "context.a == 'b'"}}
    lf(world, ADMIN, "AttachRLSPolicy", Name="near", Resource=on_table(), **condition)
    assert _reads(world, ANALYST.arn, "fr")
    (listed,) = lf(world, ADMIN, "ListRLSPolicyAttachments")["RLSPolicyAttachments"]
    assert listed["Condition"] == condition["Condition"]


def test_a_dropped_table_loses_its_attachments() -> None:
    world = _world()
    _attach(world)
    lifecycle.forget_table(world, catalog_id=PRODUCER, region=REGION, database="sales", table="orders")
    assert lf(world, ADMIN, "ListRLSPolicyAttachments")["RLSPolicyAttachments"] == []


def test_a_book_of_an_older_snapshot_has_no_policies() -> None:
    world = _world()
    book = book_of(world, PRODUCER, REGION)
    kept = {name: value for name, value in vars(book).items() if not name.startswith("rls_")}
    older = Book.__new__(Book)
    older.__dict__.update(kept)
    assert (older.rls_policies, older.rls_attachments) == ((), ())
