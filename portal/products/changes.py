"""The versions and release notes of a data product in one list."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from catalog.release_notes import ReleaseNote
from catalog.revisions.models import ProductRevision
from catalog.revisions.versions import ContractChange, parse_contract_changes
from identity.people.models import Person
from requests_app.notifications.queries import count_notified_people

MAX_ENTRIES = 50
MAX_TYPE_LENGTH = 80


@dataclass(frozen=True)
class ChangeEntry:
    """A release note, or a published version with what changed in its tables. `notified_count` is None where it is not shown."""

    at: datetime
    person: Person
    version: str
    note: ReleaseNote | None = None
    changes: tuple[str, ...] = ()
    is_breaking: bool = False
    notified_count: int | None = None


def build_change_entries(
    revisions: QuerySet[ProductRevision], notes: QuerySet[ReleaseNote], *, counts_notified: bool
) -> list[ChangeEntry]:
    """Newest first, up to a limit."""
    found = [*_build_notes(notes[:MAX_ENTRIES], counts_notified=counts_notified)]
    found += [entry for revision in revisions[:MAX_ENTRIES] for entry in _build_version(revision)]
    return sorted(found, key=lambda entry: entry.at, reverse=True)[:MAX_ENTRIES]


def describe_contract_change(change: ContractChange) -> str:
    """In words."""
    sentences = {
        "table_removed": _("%(table)s is removed."),
        "table_added": _("%(table)s is added."),
        "column_added": _("The column %(column)s of %(table)s is added."),
        "type_widened": _("The column %(column)s of %(table)s is widened from %(before)s to %(after)s."),
        "keyword_added": _("The keyword %(table)s is added."),
        "column_removed": _("The column %(column)s of %(table)s is removed."),
        "type_changed": _("The column %(column)s of %(table)s changes from %(before)s to %(after)s."),
    }
    words = {
        "table": change.name,
        "column": change.column,
        "before": change.before[:MAX_TYPE_LENGTH],
        "after": change.after[:MAX_TYPE_LENGTH],
    }
    return sentences[change.what] % words


def _build_notes(notes: Iterable[ReleaseNote], *, counts_notified: bool) -> list[ChangeEntry]:
    rows = list(notes)
    counts = count_notified_people([row.subject for row in rows]) if counts_notified else {}
    return [
        ChangeEntry(
            row.written_at,
            row.written_by,
            row.version,
            row,
            notified_count=counts.get(row.subject, 0) if counts_notified else None,
        )
        for row in rows
    ]


def _build_version(revision: ProductRevision) -> list[ChangeEntry]:
    """None of a revision from before there were versions."""
    if not revision.version or revision.published_at is None or revision.published_by is None:
        return []
    changes = parse_contract_changes(revision.contract_changes)
    return [
        ChangeEntry(
            revision.published_at,
            revision.published_by,
            revision.version,
            changes=tuple(describe_contract_change(change) for change in changes),
            is_breaking=any(change.is_breaking for change in changes),
        )
    ]
