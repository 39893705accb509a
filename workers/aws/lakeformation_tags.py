"""Reads of LF-Tags: which are assigned to the databases, tables and columns of a catalog."""

from dataclasses import dataclass, field
from typing import Any

from catalog.snapshot import TableTags, storable, tags_of
from workers.aws.pages import every_row

PAGE = 100


@dataclass
class Assignments:
    """LF-Tags by database name, and by (database, table) name; names as Glue folds them."""

    databases: dict[str, dict[str, str]] = field(default_factory=dict)
    tables: dict[tuple[str, str], TableTags] = field(default_factory=dict)

    def of_database(self, name: str) -> dict[str, str]:
        return self.databases.get(name, {})

    def of_table(self, database: str, name: str) -> TableTags:
        return self.tables.get((database, name), TableTags())


def read_assignments(lakeformation: Any, catalog_id: str) -> Assignments:
    """One search a tag, not one call a table; AwsError when any page is refused or lost."""
    found = Assignments()
    for tag in every_row(lakeformation.list_lf_tags, "LFTags", {"CatalogId": catalog_id, "MaxResults": PAGE}):
        expression = [{"TagKey": tag["TagKey"], "TagValues": tag["TagValues"]}]
        asked = {"CatalogId": catalog_id, "Expression": expression, "MaxResults": PAGE}
        for row in every_row(lakeformation.search_databases_by_lf_tags, "DatabaseList", asked):
            _add_database(found, row["Database"]["Name"], tags_of(row.get("LFTags")))
        for row in every_row(lakeformation.search_tables_by_lf_tags, "TableList", asked):
            _add_table(found, row)
    return found


def _add_database(found: Assignments, name: str, tags: dict[str, str]) -> None:
    found.databases.setdefault(storable(name, 255), {}).update(tags)


def _add_table(found: Assignments, row: dict[str, Any]) -> None:
    database, name = row["Table"]["DatabaseName"], row["Table"]["Name"]
    _add_database(found, database, tags_of(row.get("LFTagOnDatabase")))
    kept = found.tables.setdefault((storable(database, 255), storable(name, 255)), TableTags())
    kept.table.update(tags_of(row.get("LFTagsOnTable")))
    for column in row.get("LFTagsOnColumns") or ():
        tags = tags_of(column.get("LFTags"))
        kept.columns.setdefault(storable(column["Name"], 255), {}).update(tags)
