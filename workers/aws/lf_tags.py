"""Reads of LF-Tags: which are assigned to the databases, tables and columns of a catalog."""

from dataclasses import dataclass, field
from typing import Any

from catalog.mirror.glue_parser import parse_tags
from catalog.mirror.snapshot import NO_TAGS, TableTags
from kernel.storable_text import replace_unstorable
from workers.aws.pagination import iterate_pages, read_all_rows

PAGE_SIZE = 100
MAX_VALUES = 50
"""Values of one key in an expression (botocore: TagValueList)."""


@dataclass
class TagAssignments:
    """LF-Tags by database name, and by table name within its database; names as Glue folds them.

    Many tables have the same tags: these are kept once, so that a million of them fit into memory.
    `keys` are all values by key, used or not.
    """

    keys: dict[str, list[str]] = field(default_factory=dict)
    databases: dict[str, dict[str, str]] = field(default_factory=dict)
    tables: dict[str, dict[str, TableTags]] = field(default_factory=dict)
    _shared_tags: dict[tuple[tuple[str, str], ...], TableTags] = field(default_factory=dict)

    def get_database_tags(self, name: str) -> dict[str, str]:
        return self.databases.get(name, {})

    def get_table_tags(self, database: str, name: str) -> TableTags:
        return self.tables.get(database, {}).get(name, NO_TAGS)

    def add_database(self, name: str, tags: dict[str, str]) -> None:
        self.databases.setdefault(replace_unstorable(name, 255), {}).update(tags)

    def add_table(self, row: dict[str, Any]) -> None:
        """A row of SearchTablesByLFTags: it has all tags of the table, whatever was searched for."""
        database, name = (
            replace_unstorable(row["Table"]["DatabaseName"], 255),
            replace_unstorable(row["Table"]["Name"], 255),
        )
        self.add_database(database, parse_tags(row.get("LFTagOnDatabase")))
        tables = self.tables.setdefault(database, {})
        known = tables.get(name, NO_TAGS)
        of_table = {**known.table, **parse_tags(row.get("LFTagsOnTable"))}
        of_columns = {**known.columns}
        for column in row.get("LFTagsOnColumns") or ():
            key = replace_unstorable(column["Name"], 255)
            of_columns[key] = {**of_columns.get(key, {}), **parse_tags(column.get("LFTags"))}
        if of_columns:
            tables[name] = TableTags(of_table, of_columns)
        elif of_table:
            tables[name] = self._shared_tags.setdefault(tuple(of_table.items()), TableTags(of_table))


def read_tag_assignments(lakeformation: Any, catalog_id: str) -> TagAssignments:
    """One search a tag, not one call a table; AwsError when any page is refused or lost."""
    found = TagAssignments()
    for tag in read_all_rows(
        lakeformation.list_lf_tags, "LFTags", {"CatalogId": catalog_id, "MaxResults": PAGE_SIZE}
    ):
        found.keys[replace_unstorable(tag["TagKey"].lower(), 255)] = [
            replace_unstorable(value.lower(), 255) for value in tag["TagValues"]
        ]
        for start in range(0, len(tag["TagValues"]), MAX_VALUES):
            values = tag["TagValues"][start : start + MAX_VALUES]
            expression = [{"TagKey": tag["TagKey"], "TagValues": values}]
            asked = {"CatalogId": catalog_id, "Expression": expression, "MaxResults": PAGE_SIZE}
            _add_matches(found, lakeformation, asked)
    return found


def _add_matches(found: TagAssignments, lakeformation: Any, asked: dict[str, Any]) -> None:
    for page in iterate_pages(lakeformation.search_databases_by_lf_tags, "DatabaseList", asked):
        for row in page:
            found.add_database(row["Database"]["Name"], parse_tags(row.get("LFTags")))
    for page in iterate_pages(lakeformation.search_tables_by_lf_tags, "TableList", asked):
        for row in page:
            found.add_table(row)
