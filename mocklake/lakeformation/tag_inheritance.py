"""Which tags a database, table or column carries: its own, over those of what contains it. Reads only."""

from typing import Any

from mocklake.lakeformation.store import Book, Tagged

Tags = dict[str, str]


def own(book: Book, place: Tagged) -> Tags:
    return book.tagged.get(place, {})


def on_database(book: Book, database: str) -> Tags:
    return own(book, (database, "", ""))


def on_table(book: Book, database: str, table: str) -> Tags:
    return on_database(book, database) | own(book, (database, table, ""))


def on_column(book: Book, database: str, table: str, column: str) -> Tags:
    return on_table(book, database, table) | own(book, (database, table, column))


def as_member(name: str, catalog_id: str, tags: Tags) -> dict[str, list[dict[str, Any]]]:
    """An answer's member, left out when there are no tags: the service model knows no empty list of them."""
    pairs = [{"CatalogId": catalog_id, "TagKey": key, "TagValues": [tags[key]]} for key in sorted(tags)]
    return {name: pairs} if pairs else {}
