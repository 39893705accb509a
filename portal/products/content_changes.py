"""Changes of a product in words."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from catalog.mirror.models import Table
from catalog.products.fields import BY_NAME, FieldKind
from catalog.products.links import LinkKind
from catalog.products.models import DataProduct, SharingTerms
from catalog.revisions.content import FieldChange, compare_content
from catalog.revisions.models import ProductRevision
from identity.people.models import Person
from kernel.text import DiffLine, compare_lines


@dataclass(frozen=True)
class ShownChange:
    """A changed field, line by line."""

    label: str
    lines: tuple[DiffLine, ...]
    field: str = ""


@dataclass(frozen=True)
class ShownRevision:
    revision: ProductRevision
    changes: tuple[ShownChange, ...]


def build_changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[ShownChange, ...]:
    """Both as JSON of `ProductContent`. A query each if the owner, the inputs or the tables changed."""
    changes = compare_content(before, after)
    return _show_changes(changes, _read_names(changes))


def build_revisions(revisions: Iterable[ProductRevision]) -> tuple[ShownRevision, ...]:
    """Three queries for the names of all owners, inputs and tables."""
    found = [(revision, compare_content(revision.before, revision.content)) for revision in revisions]
    names = _read_names(change for _revision, changes in found for change in changes)
    return tuple(ShownRevision(one, _show_changes(changes, names)) for one, changes in found)


def _show_changes(
    changes: Iterable[FieldChange], names: Mapping[tuple[str, int], str]
) -> tuple[ShownChange, ...]:
    return tuple(
        ShownChange(
            str(BY_NAME[change.field].change_label or BY_NAME[change.field].label),
            tuple(
                compare_lines(_to_lines(change, change.before, names), _to_lines(change, change.after, names))
            ),
            change.field,
        )
        for change in changes
    )


def _read_names(changes: Iterable[FieldChange]) -> dict[tuple[str, int], str]:
    """By the field and the id in it."""
    ids: dict[str, set[int]] = {"owner": set(), "tables": set(), "inputs": set()}
    for change in changes:
        if change.field == "owner":
            ids["owner"] |= {change.before, change.after} - {None}
        elif change.field in ids:
            ids[change.field] |= {*(change.before or ()), *change.after}
    people = Person.objects.filter(pk__in=ids["owner"]).values_list("pk", "name") if ids["owner"] else ()
    tables = Table.objects.filter(pk__in=ids["tables"]).select_related("database") if ids["tables"] else ()
    products = DataProduct.objects.filter(pk__in=ids["inputs"]) if ids["inputs"] else ()
    return {
        **{("owner", pk): name for pk, name in people},
        **{("inputs", product.pk): product.name for product in products},
        **{("tables", table.pk): str(table) for table in tables},
    }


def _to_lines(change: FieldChange, value: Any, names: Mapping[tuple[str, int], str]) -> list[str]:
    kind = BY_NAME[change.field].kind
    if kind == FieldKind.PERSON:
        return [names[change.field, value]] if (change.field, value) in names else []
    if kind in (FieldKind.TABLES, FieldKind.PRODUCTS):
        return [names.get((change.field, pk), str(pk)) for pk in value or ()]
    if kind == FieldKind.LINKS:
        return [f"{LinkKind(kind).label}: {url}" for kind, urls in (value or {}).items() for url in urls]
    if kind == FieldKind.SHARING_TERMS:
        return [str(SharingTerms(value).label)] if value else []
    text = ", ".join(value) if isinstance(value, list) else str("" if value is None else value)
    return text.splitlines()
