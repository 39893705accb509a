"""The history of a table in words."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from catalog.mirror.models import SchemaChange

MOST_LINES = 20


@dataclass(frozen=True)
class HistoryLine:
    text: str
    before: str
    after: str


@dataclass(frozen=True)
class HistoryEntry:
    """What one reading found changed; the first `MOST_LINES` of it, and a line that says how many more."""

    at: datetime
    is_breaking: bool
    lines: tuple[HistoryLine, ...]


def history_entry(change: SchemaChange) -> HistoryEntry:
    lines = [_line(each) for each in change.changes[:MOST_LINES]]
    more = len(change.changes) - MOST_LINES
    if more > 0:
        lines.append(HistoryLine(_("and %(n)d more") % {"n": more}, "", ""))
    return HistoryEntry(change.seen_at, change.is_breaking, tuple(lines))


def _line(change: dict[str, Any]) -> HistoryLine:
    words = {
        "column_added": _("Column %(name)s added"),
        "column_removed": _("Column %(name)s removed"),
        "type_widened": _("Type of %(name)s widened"),
        "type_changed": _("Type of %(name)s changed"),
        "key_changed": _("Partition key changed: %(name)s"),
        "order_changed": _("Column order changed"),
        "comments_changed": _("Comments changed: %(name)s"),
        "fact_changed": _("%(name)s changed"),
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
