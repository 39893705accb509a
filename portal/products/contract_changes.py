"""The versions of a product's contract in words."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from catalog.revisions.models import ProductRevision
from catalog.revisions.versions import ContractChange, list_breaking_changes, parse_contract_changes

MAX_TYPE_LENGTH = 120
MAX_LINES = 12


@dataclass(frozen=True)
class VersionEntry:
    """`lines` are the first `MAX_LINES` changes, breaking ones first; `more` is the number of others."""

    revision: ProductRevision
    breaking: int
    lines: tuple[str, ...]
    more: int


def build_version_entries(revisions: Iterable[ProductRevision]) -> list[VersionEntry]:
    """Of published revisions that have a version."""
    return [_build_entry(one) for one in revisions if one.version]


def describe_contract_change(change: ContractChange) -> str:
    sentences = {
        "table_removed": _("%(table)s is removed."),
        "column_removed": _("The column %(column)s of %(table)s is removed."),
        "type_changed": _("The column %(column)s of %(table)s changes from %(before)s to %(after)s."),
        "table_added": _("%(table)s is added."),
        "column_added": _("The column %(column)s of %(table)s is added."),
        "type_widened": _("The column %(column)s of %(table)s is widened from %(before)s to %(after)s."),
        "keyword_added": _("The keyword %(table)s is added."),
    }
    words = {
        "table": change.name,
        "column": change.column,
        "before": change.before[:MAX_TYPE_LENGTH],
        "after": change.after[:MAX_TYPE_LENGTH],
    }
    return sentences[change.what] % words


def _build_entry(revision: ProductRevision) -> VersionEntry:
    changes = parse_contract_changes(revision.contract_changes)
    ordered = sorted(changes, key=lambda change: -change.level)
    return VersionEntry(
        revision=revision,
        breaking=len(list_breaking_changes(changes)),
        lines=tuple(describe_contract_change(change) for change in ordered[:MAX_LINES]),
        more=max(0, len(ordered) - MAX_LINES),
    )
