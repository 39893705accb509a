"""Every permission on every kind of resource for every kind of principal, against AWS's tables.

Sources: Lake Formation Developer Guide, lf-permissions-reference (what exists on what), cross-account-notes,
granting-location-permissions, granting-filter-perms, TBAC-adding-tag-creator and optimize-ram (what may leave the account). The table below
is written from these pages; where they are silent (named expressions, catalogs of one's own tags) from the model.
"""

from typing import Any

import botocore.session
import pytest

from mocklake.errors import AwsError
from mocklake.testing.principals import make_principals
from mocklake.tests.lakeformation.worlds import (
    ADMIN,
    ALL_TABLES,
    CONSUMER,
    EVERYONE,
    PRODUCER,
    call,
    caller,
    grant,
    lf,
    make_filter,
    new_world,
    on_columns,
    on_database,
    on_filter,
    on_table,
    role,
    table_input,
    with_table,
)
from mocklake.world import World

_PERMISSION: Any = botocore.session.get_session().get_service_model("lakeformation").shape_for("Permission")
VERBS = frozenset(_PERMISSION.enum)
DATABASE = frozenset({"ALL", "ALTER", "CREATE_TABLE", "DESCRIBE", "DROP"})
TABLE = frozenset({"ALL", "ALTER", "DELETE", "DESCRIBE", "DROP", "INSERT", "SELECT"})
TAG = frozenset({"ALTER", "ASSOCIATE", "DESCRIBE", "DROP", "GRANT_WITH_LF_TAG_EXPRESSION"})
LINK = frozenset({"DESCRIBE", "DROP"})
NONE: frozenset[str] = frozenset()
LOCATION = "arn:aws:s3:::producer-lake"
_PAIR = {"TagKey": "team", "TagValues": ["sales"]}


def _policy(kind: str) -> dict[str, Any]:
    return {"LFTagPolicy": {"CatalogId": PRODUCER, "ResourceType": kind, "Expression": [_PAIR]}}


RESOURCES: dict[str, dict[str, Any]] = {
    "catalog": {"Catalog": {}},
    "database": on_database(),
    "database link": on_database("shortcut"),
    "table": on_table(),
    "all tables": ALL_TABLES,
    "table link": on_table("alias"),
    "view": on_table("summary"),
    "columns": on_columns("id"),
    "filter": on_filter("mine"),
    "location": {"DataLocation": {"ResourceArn": LOCATION}},
    "tag": {"LFTag": {"CatalogId": PRODUCER} | _PAIR},
    "database policy": _policy("DATABASE"),
    "table policy": _policy("TABLE"),
    "expression": {"LFTagExpression": {"CatalogId": PRODUCER, "Name": "teams"}},
}
AT_HOME = {
    "catalog": frozenset({"CREATE_CATALOG", "CREATE_DATABASE", "CREATE_LF_TAG", "CREATE_LF_TAG_EXPRESSION"}),
    "database": DATABASE,
    "database link": LINK,
    "table": TABLE,
    "all tables": TABLE,
    "table link": LINK,
    "view": frozenset({"ALL", "DESCRIBE", "DROP", "SELECT"}),
    "columns": frozenset({"SELECT"}),
    "filter": frozenset({"DESCRIBE", "DROP", "SELECT"}),
    "location": frozenset({"DATA_LOCATION_ACCESS"}),
    "tag": TAG,
    "database policy": DATABASE,
    "table policy": TABLE,
    "expression": frozenset({"ALL", "ALTER", "DESCRIBE", "DROP", "GRANT_WITH_LF_TAG_EXPRESSION"}),
}
ABROAD = AT_HOME | {
    "catalog": NONE,
    "database": DATABASE - {"ALL", "DROP"},
    "database link": NONE,
    "table link": NONE,
    "filter": frozenset({"SELECT"}),
    "tag": frozenset({"ASSOCIATE", "DESCRIBE"}),
    "database policy": DATABASE - {"ALL", "DROP"},
}
FOR_EVERYONE = dict.fromkeys(AT_HOME, NONE) | {
    "catalog": frozenset({"CREATE_DATABASE"}),
    **dict.fromkeys(
        ("database", "database link", "table", "all tables", "table link", "view"), frozenset({"ALL"})
    ),
}
NOTHING = dict.fromkeys(AT_HOME, NONE)
IDENTITY_CENTER = "arn:aws:identitystore:::group/1234567890-abcd"
PRINCIPALS: dict[str, tuple[str, dict[str, frozenset[str]], dict[str, frozenset[str]]]] = {
    "role": (role(PRODUCER, "Analyst"), AT_HOME, AT_HOME),
    "user": (f"arn:aws:iam::{PRODUCER}:user/ada", AT_HOME, AT_HOME),
    "everybody in the account": (f"{PRODUCER}:IAMPrincipals", AT_HOME, AT_HOME),
    "identity center group": (IDENTITY_CENTER, AT_HOME, AT_HOME),
    "saml user": (f"arn:aws:iam::{PRODUCER}:saml-provider/idp:user/ada", AT_HOME, AT_HOME),
    "iam allowed principals": (EVERYONE, FOR_EVERYONE, NOTHING),
    "own account": (PRODUCER, NOTHING, NOTHING),
    "account": (CONSUMER, ABROAD, ABROAD),
    "organisation": (f"arn:aws:organizations::{PRODUCER}:organization/o-abcdefghij", ABROAD, ABROAD),
    "foreign role": (role(CONSUMER, "Analyst"), ABROAD, NOTHING),
    "foreign saml user": (f"arn:aws:iam::{CONSUMER}:saml-provider/idp:user/ada", NOTHING, NOTHING),
}


def _world() -> World:
    world = with_table(new_world(organisation={PRODUCER, CONSUMER}))
    root = caller(PRODUCER)
    make_principals(f"arn:aws:iam::{PRODUCER}:user/ada")
    lf(world, ADMIN, "CreateLFTag", TagKey="team", TagValues=["sales"])
    lf(world, ADMIN, "CreateLFTagExpression", Name="teams", Expression=[_PAIR])
    lf(world, ADMIN, "RegisterResource", ResourceArn=LOCATION, UseServiceLinkedRole=True)
    target = {"CatalogId": CONSUMER, "DatabaseName": "theirs"}
    call(world, root, "glue", "CreateDatabase", DatabaseInput={"Name": "shortcut", "TargetDatabase": target})
    link = {"Name": "alias", "TargetTable": target | {"Name": "thing"}}
    view = table_input("summary") | {"TableType": "VIRTUAL_VIEW"}
    for made in (link, view):
        call(world, root, "glue", "CreateTable", DatabaseName="sales", TableInput=made)
    make_filter(world, ADMIN, "mine")
    return world


@pytest.fixture(scope="module")
def world() -> World:
    return _world()


def _accepted(world: World, principal: str, resource: dict[str, Any], *, option: bool) -> set[str]:
    """Each verb by itself, taken back at once, so that none stands in another's way."""
    accepted = set()
    for verb in sorted(VERBS):
        options = (verb,) if option else ()
        try:
            grant(world, ADMIN, principal, resource, verb, option=options)
        except AwsError as error:
            if error.code != "InvalidInputException":
                raise
            continue
        accepted.add(verb)
        entry = {
            "Principal": {"DataLakePrincipalIdentifier": principal},
            "Resource": resource,
            "Permissions": [verb],
            "PermissionsWithGrantOption": list(options),
        }
        lf(world, ADMIN, "RevokePermissions", **entry)
    return accepted


@pytest.mark.parametrize("kind", RESOURCES)
@pytest.mark.parametrize("who", PRINCIPALS)
def test_what_can_be_granted(world: World, kind: str, who: str) -> None:
    principal, plain, with_option = PRINCIPALS[who]
    assert _accepted(world, principal, RESOURCES[kind], option=False) == plain[kind]
    assert _accepted(world, principal, RESOURCES[kind], option=True) == with_option[kind]
