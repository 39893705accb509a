"""Views as Athena reads them: their text, and with whose rights it runs.

A Data Catalog view runs as its definer (DG:working-with-views); an Athena view, which Presto's marker in
ViewOriginalText tells, as whoever asks (Athena User Guide, views). Names in a view mean the catalogs of the account
that the view is in (for Athena views across accounts assumed).
"""

import json
import re
from base64 import b64decode
from dataclasses import dataclass, replace
from typing import Any

from sqlglot import exp

from mocklake import partitions
from mocklake.athena.failures import QueryFailedError
from mocklake.athena.parsing import query_tree
from mocklake.errors import AwsError
from mocklake.glue.access import Target
from mocklake.glue.store import Table
from mocklake.iam.callers import Caller

DEEPEST = 10
DIALECT = "ATHENA"
_PRESTO = re.compile(r"/\* Presto View: (?P<body>[A-Za-z0-9+/=]+) \*/")


@dataclass(frozen=True)
class Text:
    """`definer` is a role's ARN, or None where the asker's own rights count."""

    sql: str
    database: str
    definer: str | None


def text_of(table: Table, database: str) -> Text | None:
    """None for what is no view. Raises QueryFailedError for a view that Athena cannot run."""
    if table.view is not None:
        return Text(_representation(table, table.view), database, table.view["Definer"])
    if table.body.get("TableType") != "VIRTUAL_VIEW":
        return None
    match = _PRESTO.fullmatch(table.body.get("ViewOriginalText", "").strip())
    try:
        kept = json.loads(b64decode(match["body"])) if match else {}
        return Text(kept["originalSql"], str(kept.get("schema") or database), None)
    except (ValueError, KeyError) as error:
        raise QueryFailedError(f"INVALID_VIEW: line 1:1: View {table.name} is no view of Athena") from error


def query_of(text: Text) -> exp.Expr:
    """Raises QueryFailedError for a text that is no query of Athena's."""
    try:
        return query_tree(text.sql)
    except AwsError as error:
        raise QueryFailedError(f"INVALID_VIEW: {error.message}") from error


def without_values(reason: str) -> str:
    """A reason without the values that only the view's definer may see."""
    return re.sub(r"Cannot cast '.*' to", "Cannot cast value to", reason)


def reader_of(text: Text, caller: Caller, place: Target) -> Caller:
    if text.definer is None:
        return replace(caller, region=place.region)
    account, name = text.definer.split(":")[4], text.definer.rsplit("/", 1)[1]
    session = f"arn:{partitions.of_arn(text.definer)}:sts::{account}:assumed-role/{name}/athena"
    return Caller(account, place.region, text.definer, session, "athena")


def _representation(table: Table, view: dict[str, Any]) -> str:
    found = [one for one in view["Representations"] if one.get("Dialect") == DIALECT]
    if not found or "ViewOriginalText" not in found[0]:
        raise QueryFailedError(f"INVALID_VIEW: line 1:1: View {table.name} has no dialect {DIALECT}")
    if found[0].get("IsStale"):
        raise QueryFailedError(f"VIEW_IS_STALE: line 1:1: View {table.name} is stale in dialect {DIALECT}")
    return str(found[0]["ViewOriginalText"])
