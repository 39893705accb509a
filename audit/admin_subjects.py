"""Names of rows that a text field refers to as `<kind>:<id>`, such as `person:12`, in lists of the admin."""
# ruff: noqa: SLF001 - Django documents `_meta`

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.db.models import Q
from django.http import HttpRequest
from django.utils.safestring import SafeString

from audit.admin_fields import link_row

MAX_DIGITS = 18


@dataclass(frozen=True)
class SubjectName:
    """The column of a field that refers to a row."""

    field: str
    label: str

    @property
    def __name__(self) -> str:
        return self.field

    @property
    def short_description(self) -> str:
        return self.label

    @property
    def admin_order_field(self) -> str:
        return self.field

    def __call__(self, row: Any) -> SafeString | str:
        subject = getattr(row, self.field)
        name: SafeString | str = row.subject_names.get(subject, subject)
        return name


def name_subjects(request: HttpRequest, subjects: Iterable[str]) -> dict[str, SafeString | str]:
    """The rows' names, linked where the person may look at them. One query a kind; what is not found is left out."""
    admins = _map_admins()
    by_kind: dict[str, dict[str, str]] = {}
    for subject in subjects:
        kind, _, reference = subject.partition(":")
        if kind in admins:
            by_kind.setdefault(kind, {})[subject] = reference
    return {
        subject: name
        for kind, references in by_kind.items()
        for subject, name in _name_rows(request, admins[kind], references).items()
    }


def _name_rows(
    request: HttpRequest, model_admin: Any, references: Mapping[str, str]
) -> dict[str, SafeString | str]:
    """By subject; `references` are what follows the kind."""
    numbers = {subject: _read_number(text) for subject, text in references.items()}
    lookup, key = model_admin.subject_lookup, model_admin.subject_key
    condition = Q(**{f"{lookup}__in": {number for number in numbers.values() if number}})
    if key:
        condition |= Q(**{f"{key}__in": set(references.values())})
    rows = model_admin.get_queryset(request).filter(condition)
    found = {getattr(row, lookup): row for row in rows} | (
        {getattr(row, key): row for row in rows} if key else {}
    )
    show = link_row if model_admin.has_view_permission(request) else str
    matches = {
        subject: found.get(numbers[subject]) or found.get(text) for subject, text in references.items()
    }
    return {subject: show(row) for subject, row in matches.items() if row is not None}


def _read_number(reference: str) -> int:
    """The first number of `12` or `12:7`; 0 where there is none."""
    number = reference.partition(":")[0]
    return int(number) if number.isascii() and number.isdecimal() and len(number) <= MAX_DIGITS else 0


def _map_admins() -> dict[str, Any]:
    """By the kind that references have for their model."""
    return {
        getattr(found, "subject_kind", "") or str(model._meta.model_name): found
        for model, found in admin.site._registry.items()
        if hasattr(found, "subject_lookup")
    }
