"""Who loses what when one permission goes: what else opens the column stays."""

from dataclasses import replace

from lakeformation.explanation.access_paths import Book, Facts
from lakeformation.explanation.removal_impact import Loss, losses
from lakeformation.values.column_sets import EVERY, ColumnSet
from lakeformation.values.permissions import Permission, Place

PLACE = Place("111111111111", "eu-central-1")
TABLE = ("gold", "claims")
ETL, EXPORT = (f"arn:aws:iam::111111111111:role/{name}" for name in ("etl", "export"))
EVERYONE = Permission(PLACE, "IAM_ALLOWED_PRINCIPALS", *TABLE, "ALL")


def test_everyone_at_home_loses_what_no_permission_of_their_own_gives() -> None:
    own = Permission(PLACE, EXPORT, *TABLE, "SELECT")
    held = {EVERYONE: EVERY, replace(EVERYONE, grantable=True): EVERY, own: ColumnSet.include(["id"])}
    facts = Facts(("id", "amount"), own=Book(held), creator="")
    assert losses(PLACE, facts, TABLE, EVERYONE, [ETL, EXPORT]) == [
        Loss(ETL, ("id", "amount"), ()),
        Loss(EXPORT, ("amount",), ("id",)),
    ]


def test_another_way_for_everyone_leaves_everything_as_it_is() -> None:
    every_table = replace(EVERYONE, table="*")
    facts = Facts(("id",), own=Book({EVERYONE: EVERY, every_table: EVERY}), creator="")
    assert losses(PLACE, facts, TABLE, EVERYONE, [ETL]) == [Loss(ETL, (), ("id",))]


def test_who_may_have_made_the_table_is_not_known_to_keep_it() -> None:
    facts = Facts(("id",), own=Book({EVERYONE: EVERY}))
    assert losses(PLACE, facts, TABLE, EVERYONE, [ETL]) == [Loss(ETL, ("id",), ())]
