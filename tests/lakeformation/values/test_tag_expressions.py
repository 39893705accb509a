"""LF-Tag expressions are folded as Lake Formation folds them, and read and written in its shapes."""

import pytest

from lakeformation.observation.parsing import parse_permissions
from lakeformation.values.column_sets import ALL_COLUMNS
from lakeformation.values.permissions import DataCatalog, Permission, sort_permissions
from lakeformation.values.tag_expressions import MAX_RESOURCE_LENGTH, TagExpression, TagPolicy
from lakeformation.values.wording import describe_permission
from workers.aws.writes import build_resource

GOLD = TagExpression.from_values({"Tier": ["SILVER", "gold"], "domain": ["insurance"]})
PLACE = DataCatalog("111111111111", "eu-central-1")
ROLE = "arn:aws:iam::333333333333:role/bi"


def test_an_expression_is_the_same_however_it_is_written() -> None:
    assert TagExpression.from_values({"DOMAIN": ["Insurance"], "tier": ["gold", "silver", "gold"]}) == GOLD
    assert GOLD.text == "domain=insurance AND tier IN (gold, silver)"


@pytest.mark.parametrize(
    ("tags", "fits"),
    [
        ({"domain": "insurance", "tier": "gold", "pii": "no"}, True),
        ({"domain": "insurance", "tier": "bronze"}, False),
        ({"tier": "gold"}, False),
    ],
)
def test_every_key_must_fit_and_any_of_its_values(tags: dict[str, str], *, fits: bool) -> None:
    assert GOLD.matches(tags) is fits


def test_nothing_asked_for_fits_nothing_and_any_value_fits_all() -> None:
    assert not TagExpression.from_values({}).matches({"tier": "gold"})
    assert TagExpression.from_values({"tier": ["*"]}).matches({"tier": "gold"})


@pytest.mark.parametrize(
    "policy", [TagPolicy("TABLE", GOLD), TagPolicy("DATABASE", TagExpression(()), "gold_only")]
)
def test_a_permission_by_tags_is_listed_as_it_was_granted(policy: TagPolicy) -> None:
    wanted = Permission(PLACE, ROLE, "", "", "DESCRIBE", policy=policy)
    row = {
        "Principal": {"DataLakePrincipalIdentifier": ROLE},
        "Resource": build_resource(wanted, None),
        "Permissions": ["DESCRIBE"],
    }
    assert parse_permissions([row], PLACE).held == {wanted: ALL_COLUMNS}
    assert Permission.from_json(wanted.to_json()) == wanted


def test_permissions_on_tags_themselves_are_left_out() -> None:
    tag = {"LFTag": {"CatalogId": PLACE.account, "TagKey": "tier", "TagValues": ["gold"]}}
    row = {"Principal": {"DataLakePrincipalIdentifier": ROLE}, "Resource": tag, "Permissions": ["DESCRIBE"]}
    assert parse_permissions([row], PLACE).held == {}


def test_it_is_worded_by_its_tags_and_a_long_one_is_shortened() -> None:
    one = Permission(PLACE, ROLE, "", "", "SELECT", policy=TagPolicy("TABLE", GOLD))
    assert describe_permission(one.verb, one.resource) == f"SELECT on tables with {GOLD.text}"
    long = [
        TagPolicy("TABLE", TagExpression.from_values({f"key{n}": ["x" * 250], "y": ["z" * 250]}))
        for n in (1, 2)
    ]
    assert len({policy.resource for policy in long}) == len(long)
    assert all(len(policy.resource) < MAX_RESOURCE_LENGTH + 20 for policy in long)


def test_two_policies_of_one_holder_have_an_order() -> None:
    both = [
        Permission(PLACE, ROLE, "", "", "SELECT", policy=TagPolicy(kind, GOLD))
        for kind in ("TABLE", "DATABASE")
    ]
    assert sort_permissions(both) == sort_permissions(both[::-1])
