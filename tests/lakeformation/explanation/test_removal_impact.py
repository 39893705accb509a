"""Who loses what when one permission goes: what else opens the column stays."""

from dataclasses import replace

from lakeformation.explanation.access_paths import AccessFacts, CatalogPermissions, ColumnLoss, find_losses
from lakeformation.values.column_sets import ALL_COLUMNS, ColumnSet
from lakeformation.values.permissions import DataCatalog, Permission

PLACE = DataCatalog("111111111111", "eu-central-1")
TABLE = ("gold", "claims")
ETL, EXPORT = (f"arn:aws:iam::111111111111:role/{name}" for name in ("etl", "export"))
EVERYONE = Permission(PLACE, "IAM_ALLOWED_PRINCIPALS", *TABLE, "ALL")


def test_everyone_at_home_loses_what_no_permission_of_their_own_gives() -> None:
    own = Permission(PLACE, EXPORT, *TABLE, "SELECT")
    held = {
        EVERYONE: ALL_COLUMNS,
        replace(EVERYONE, grantable=True): ALL_COLUMNS,
        own: ColumnSet.include(["id"]),
    }
    facts = AccessFacts(("id", "amount"), owner_permissions=CatalogPermissions(held), creator="")
    assert find_losses(PLACE, facts, TABLE, EVERYONE, [ETL, EXPORT]) == [
        ColumnLoss(ETL, ("id", "amount"), ()),
        ColumnLoss(EXPORT, ("amount",), ("id",)),
    ]


def test_another_way_for_everyone_leaves_everything_as_it_is() -> None:
    every_table = replace(EVERYONE, table="*")
    facts = AccessFacts(
        ("id",),
        owner_permissions=CatalogPermissions({EVERYONE: ALL_COLUMNS, every_table: ALL_COLUMNS}),
        creator="",
    )
    assert find_losses(PLACE, facts, TABLE, EVERYONE, [ETL]) == [ColumnLoss(ETL, (), ("id",))]


def test_who_may_have_made_the_table_is_not_known_to_keep_it() -> None:
    facts = AccessFacts(("id",), owner_permissions=CatalogPermissions({EVERYONE: ALL_COLUMNS}))
    assert find_losses(PLACE, facts, TABLE, EVERYONE, [ETL]) == [ColumnLoss(ETL, ("id",), ())]
