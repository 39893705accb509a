"""Changes of a product in words."""

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from catalog.revisions.content import FieldChange, compare_content
from catalog.revisions.models import ProductRevision
from identity.people.models import Person
from requests_app.policy_editing.yaml_format import DiffLine


@dataclass(frozen=True)
class ShownChange:
    """A changed field, line by line."""

    label: str
    lines: tuple[DiffLine, ...]


@dataclass(frozen=True)
class ShownRevision:
    revision: ProductRevision
    changes: tuple[ShownChange, ...]


def build_changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[ShownChange, ...]:
    """Both as JSON of `ProductContent`. One query if the owner changed."""
    changes = compare_content(before, after)
    return _show_changes(changes, _read_names(changes))


def build_revisions(revisions: Iterable[ProductRevision]) -> tuple[ShownRevision, ...]:
    """One query for the names of all owners."""
    found = [(one, compare_content(one.before, one.content)) for one in revisions]
    names = _read_names(change for _revision, changes in found for change in changes)
    return tuple(ShownRevision(one, _show_changes(changes, names)) for one, changes in found)


def _show_changes(changes: Iterable[FieldChange], names: Mapping[int, str]) -> tuple[ShownChange, ...]:
    labels = _get_labels()
    return tuple(
        ShownChange(
            labels[one.field],
            _compare_lines(_to_text(one, one.before, names), _to_text(one, one.after, names)),
        )
        for one in changes
    )


def _get_labels() -> dict[str, str]:
    return {
        "name": _("Name"),
        "summary": _("Summary"),
        "description": _("Description"),
        "keywords": _("Keywords"),
        "refresh": _("Updated"),
        "support": _("Support"),
        "owner": _("Owner"),
    }


def _read_names(changes: Iterable[FieldChange]) -> dict[int, str]:
    ids = {pk for one in changes if one.field == "owner" for pk in (one.before, one.after)}
    return dict(Person.objects.filter(pk__in=ids).values_list("pk", "name")) if ids else {}


def _to_text(change: FieldChange, value: Any, names: Mapping[int, str]) -> str:
    if change.field == "owner":
        return names.get(value, "")
    return ", ".join(value) if isinstance(value, list) else str(value or "")


def _compare_lines(before: str, after: str) -> tuple[DiffLine, ...]:
    kinds = {"+": "add", "-": "remove", " ": "same"}
    lines = difflib.ndiff(before.splitlines(), after.splitlines())
    return tuple(DiffLine(kinds[one[0]], one[0].strip(), one[2:]) for one in lines if one[0] in kinds)
