"""Choose a product's tables by their database or by LF-Tags."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from catalog.mirror.models import Table
from kernel.errors import RefusedError

MAX_SUGGESTIONS = 200
MAX_LENGTH = 400


def list_suggestions(tables: Sequence[Table]) -> list[str]:
    """Names of databases, then LF-Tags as `key=value`, that choose at least one of these tables."""
    databases = {table.database.name for table in tables}
    tags = {f"{key}={value}" for table in tables for key, value in table.tags.items()}
    return [*sorted(databases), *sorted(tags)][:MAX_SUGGESTIONS]


def find_tables(text: str, tables: Sequence[Table]) -> list[int]:
    """Ids of the tables in the named database, or that carry all of the LF-Tags: `tier=gold line=life,health`. RefusedError
    at `pick` for none.
    """
    words = text.split()
    if not words:
        raise RefusedError(_("Enter the name of a database, or LF-Tags such as tier=gold."), "pick")
    conditions = [_parse(word) for word in words]
    found = [table.pk for table in tables if all(_is_met(key, values, table) for key, values in conditions)]
    if not found:
        raise RefusedError(_("No table of the domain matches “%(text)s”.") % {"text": text.strip()}, "pick")
    return found


def _parse(word: str) -> tuple[str, frozenset[str]]:
    """The key, empty for a database, and the values of which a table has one."""
    key, sign, values = word.partition("=")
    return (key, frozenset(values.split(","))) if sign else ("", frozenset({word}))


def _is_met(key: str, values: frozenset[str], table: Table) -> bool:
    return (table.tags.get(key) if key else table.database.name) in values
