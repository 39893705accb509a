"""Text of schema changes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from catalog.mirror.models import SchemaChange
from identity.people.models import Person

MAX_LINES = 20


@dataclass(frozen=True)
class HistoryLine:
    text: str
    before: str
    after: str


@dataclass(frozen=True)
class HistoryEntry:
    """Changes found by one sync run: the first `MAX_LINES`, and a line with the number of others."""

    at: datetime
    is_breaking: bool
    lines: tuple[HistoryLine, ...]


def build_history_entry(
    change: SchemaChange, person: Person, changes: Sequence[dict[str, Any]] | None = None
) -> HistoryEntry:
    """Without locations for people from outside. `changes` are some of it instead of all."""
    given = change.changes if changes is None else changes
    shown = [
        one
        for one in given
        if not (person.is_external and bool(one["what"] == "fact_changed" and one["name"] == "location"))
    ]
    lines = [build_history_line(each) for each in shown[:MAX_LINES]]
    more = len(shown) - MAX_LINES
    if more > 0:
        lines.append(HistoryLine(_("and %(n)d more") % {"n": more}, "", ""))
    return HistoryEntry(change.seen_at, change.is_breaking, tuple(lines))


def build_history_line(change: dict[str, Any]) -> HistoryLine:
    """From the JSON of a `TableChange`."""
    words = {
        "column_added": _("Column %(name)s added"),
        "column_removed": _("Column %(name)s removed"),
        "type_widened": _("Type of %(name)s widened"),
        "type_changed": _("Type of %(name)s changed"),
        "key_changed": _("Partition key changed: %(name)s"),
        "order_changed": _("Column order changed"),
        "comments_changed": _("Comments changed: %(name)s"),
        "fact_changed": _("%(name)s changed"),
        "storage_changed": _("%(name)s changed"),
        "serde_parameter_changed": _("SerDe parameter %(name)s changed"),
        "parameter_changed": _("Table parameter %(name)s changed"),
        "version_changed": _("Version of the Iceberg table"),
    }
    facts = {
        "kind": _("Kind"),
        "data_format": _("Format"),
        "location": _("S3 location"),
        "owner": _("Owner"),
        "classification": _("Classification"),
        "description": _("Description"),
    }
    name = facts.get(change["name"], change["name"]) if change["what"] == "fact_changed" else change["name"]
    text = words[change["what"]] % {"name": name}
    return HistoryLine(text, change["before"], change["after"])
