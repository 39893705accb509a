"""Checks of a proposed tag change."""

from collections.abc import Iterable, Sequence

from django.utils.translation import gettext as _

from catalog.mirror.models import Column, Database, Table
from catalog.tag_changes.calls import is_value_assigned, is_value_granted, list_known_values
from catalog.tag_changes.models import TagChange
from decisions.states import DecisionState
from identity.accounts import ConnectedCatalog
from kernel.errors import RefusedError
from kernel.storable_text import UNSTORABLE_CHARACTERS
from kernel.text import check_length, check_storable
from lakeformation.tagging import TagAssignment, TagDefinition, TagTarget, definitions_from_json

MAX_TEXT = 2000
MAX_ASSIGNMENTS = 500
MAX_VALUES = 1000
MAX_KEY, MAX_VALUE = 128, 256
"""Lengths of keys and values (AWS API reference, LFTagPair)."""


def check_text(text: str, field: str, *, is_required: bool = False) -> None:
    if is_required and not text.strip():
        raise RefusedError(_("Say in one sentence why."), field)
    check_length(text, field, MAX_TEXT)
    check_storable(text, field)


def check_tag_change(
    catalog: ConnectedCatalog, definitions: Sequence[TagDefinition], assignments: Sequence[TagAssignment]
) -> tuple[tuple[TagDefinition, ...], tuple[TagAssignment, ...]]:
    """Both in order and in lower case, as Lake Formation stores them. RefusedError."""
    defined = tuple(sorted(_fold_definition(definition) for definition in definitions))
    assigned = tuple(sorted(map(_fold_assignment, assignments), key=_order))
    if not defined and not assigned:
        raise RefusedError(_("Choose at least one LF-Tag to define or assign."), "assignments")
    if len(assigned) > MAX_ASSIGNMENTS:
        raise RefusedError(
            _("Assign at most %(max)s LF-Tags at once.") % {"max": MAX_ASSIGNMENTS}, "assignments"
        )
    if len({(one.target, one.key) for one in assigned}) < len(assigned):
        raise RefusedError(_("The same key is assigned twice to the same object."), "assignments")
    if len({one.key for one in defined}) < len(defined):
        raise RefusedError(_("The same key is defined twice."), "definitions")
    for one in defined:
        _check_words([one.key], MAX_KEY, "definitions")
        _check_words(one.values, MAX_VALUE, "definitions")
        for _value, meaning in one.meanings:
            check_text(meaning, "definitions")
        _check_words(one.removed, MAX_VALUE, "definitions")
        _check_definition(catalog, one)
    _check_values(catalog, defined, assigned)
    for assignment in assigned:
        _check_target(catalog, assignment.target)
    return defined, assigned


def _fold_definition(one: TagDefinition) -> TagDefinition:
    values = tuple(sorted({value.strip().lower() for value in one.values}))
    meanings = tuple(sorted((value.strip().lower(), text.strip()) for value, text in one.meanings))
    removed = tuple(sorted({value.strip().lower() for value in one.removed}))
    return TagDefinition(one.key.strip().lower(), values, meanings, removed)


def _check_definition(catalog: ConnectedCatalog, one: TagDefinition) -> None:
    known = list_known_values(catalog).get(one.key, set())
    left = (known | set(one.values)) - set(one.removed)
    if not (one.values or one.removed) or not left or len(left) > MAX_VALUES:
        raise RefusedError(_("A key needs between 1 and 1,000 values."), "definitions")
    if set(one.values) & set(one.removed):
        raise RefusedError(_("The same value is added and removed."), "definitions")
    if unknown := set(one.removed) - known:
        words = {"key": one.key, "value": min(unknown)}
        raise RefusedError(_("%(key)s has no value %(value)s.") % words, "definitions")
    for value in one.removed:
        check_unused(catalog, one.key, value)


def check_unused(catalog: ConnectedCatalog, key: str, value: str) -> None:
    """RefusedError while something carries the value or is granted by it: AWS refuses to remove it, too."""
    words = {"key": key, "value": value}
    if is_value_assigned(catalog, key, value):
        raise RefusedError(
            _("%(key)s=%(value)s is still assigned. Change these assignments first.") % words, "definitions"
        )
    if is_value_granted(catalog, key, value):
        raise RefusedError(
            _("%(key)s=%(value)s is still used by grants. End these first.") % words, "definitions"
        )


def check_still_allowed(change: TagChange) -> None:
    """RefusedError where a value that it removes has come into use since it was proposed."""
    for one in definitions_from_json(change.definitions):
        for value in one.removed:
            check_unused(change.catalog, one.key, value)


def _fold_assignment(one: TagAssignment) -> TagAssignment:
    value = None if one.value is None else one.value.strip().lower()
    return TagAssignment(one.target, one.key.strip().lower(), value)


def _order(one: TagAssignment) -> tuple[TagTarget, str]:
    return one.target, one.key


def _check_words(words: Iterable[str], longest: int, field: str) -> None:
    for word in words:
        if not word or len(word) > longest or UNSTORABLE_CHARACTERS.search(word):
            raise RefusedError(
                _("Keys and values have between 1 and %(max)s characters.") % {"max": longest}, field
            )


def _check_values(
    catalog: ConnectedCatalog, defined: Sequence[TagDefinition], assigned: Sequence[TagAssignment]
) -> None:
    known_values = list_known_values(catalog)
    approved = TagChange.objects.filter(catalog=catalog, state=DecisionState.APPROVED)
    earlier = [
        one for rows in approved.values_list("definitions", flat=True) for one in definitions_from_json(rows)
    ]
    for definition in (*earlier, *defined):
        values = known_values.setdefault(definition.key, set())
        values.update(definition.values)
        values.difference_update(definition.removed)
    for tag_assignment in assigned:
        if tag_assignment.value is not None and tag_assignment.value not in known_values.get(
            tag_assignment.key, ()
        ):
            words = {"key": tag_assignment.key, "value": tag_assignment.value}
            raise RefusedError(_("%(key)s has no value %(value)s. Define it first.") % words, "assignments")


def _check_target(catalog: ConnectedCatalog, target: TagTarget) -> None:
    if UNSTORABLE_CHARACTERS.search(target.name):
        raise RefusedError(_("Remove the characters that can't be stored."), "assignments")
    found = Database.objects.filter(catalog=catalog, name=target.database, tombstoned_at=None).exists()
    if found and target.table:
        tables = Table.objects.filter(
            database__catalog=catalog,
            database__name=target.database,
            database__tombstoned_at=None,
            name=target.table,
            tombstoned_at=None,
        )
        found = tables.exists()
        if found and target.column:
            found = Column.objects.filter(table__in=tables, name=target.column).exists()
    if not found or (target.column and not target.table):
        raise RefusedError(_("%(name)s does not exist.") % {"name": target.name}, "assignments")
