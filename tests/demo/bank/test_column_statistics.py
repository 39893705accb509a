"""Gold tables begin with Glue's statistics of their columns."""

import pytest

from demo.bank.catalog import DATABASES
from demo.bank.definitions import Database
from mocklake.testing.server import Cloud


@pytest.mark.parametrize(
    "database", [one for one in DATABASES if one.tier == "gold"], ids=lambda one: one.name
)
def test_each_column_of_a_gold_table_has_statistics(cloud: Cloud, database: Database) -> None:
    glue = cloud.client("glue", database.catalog, region=database.region)
    for table in database.tables:
        names = [column.name for column in table.columns]
        found = glue.get_column_statistics_for_table(
            DatabaseName=database.name, TableName=table.name, ColumnNames=names
        )
        assert found["Errors"] == []
        assert [one["ColumnName"] for one in found["ColumnStatisticsList"]] == names


def test_statistics_are_counted_in_the_rows(cloud: Cloud) -> None:
    database = next(one for one in DATABASES if one.name == "insurance_gold")
    table = next(one for one in database.tables if one.name == "claims")
    found = cloud.client("glue", database.catalog, region=database.region).get_column_statistics_for_table(
        DatabaseName="insurance_gold", TableName="claims", ColumnNames=["claim_id"]
    )["ColumnStatisticsList"][0]
    (data,) = (value for key, value in found["StatisticsData"].items() if key != "Type")
    assert (data["NumberOfDistinctValues"], data["NumberOfNulls"]) == (table.row_count, 0)
