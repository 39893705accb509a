"""Reads of tag changes, and of what the approved ones say."""

from collections.abc import Iterable

from django.db.models import QuerySet

from catalog.tag_changes.effects import compute_tag_change_effects
from catalog.tag_changes.may import may_view_tag_change
from catalog.tag_changes.models import TagChange
from catalog.tag_changes.states import TagChangeState
from fulfilment.intents.models import Intent
from identity.accounts.models import ConnectedCatalog
from identity.errors import NotFoundError
from identity.people.models import Person
from lakeformation.tagging.assignments import (
    TagAssignment,
    TagTarget,
    assignments_from_json,
    definitions_from_json,
)
from lakeformation.tagging.effects import TagChangeEffects


def list_approved_changes(catalog: ConnectedCatalog) -> QuerySet[TagChange]:
    """In the order of their intents; not those that were never applied because the tags had changed."""
    rows = TagChange.objects.filter(catalog=catalog, state=TagChangeState.APPROVED)
    return rows.exclude(intent__presence=Intent.Presence.STALE).order_by("intent_id")


def list_managed_assignments(catalog: ConnectedCatalog) -> list[TagAssignment]:
    """The latest approved assignment of each key to each target."""
    found: dict[tuple[TagTarget, str], TagAssignment] = {}
    for rows in list_approved_changes(catalog).values_list("assignments", flat=True):
        for one in assignments_from_json(rows):
            found[one.target, one.key] = one
    return list(found.values())


def compute_current_effects(change: TagChange) -> TagChangeEffects:
    """The effects of approving it now."""
    return compute_tag_change_effects(
        change.catalog,
        definitions_from_json(change.definitions),
        assignments_from_json(change.assignments),
        list_managed_assignments(change.catalog),
    )


def list_visible_tag_changes(person: Person, rows: Iterable[TagChange]) -> list[TagChange]:
    return [row for row in rows if may_view_tag_change(person, row)]


def get_tag_change(person: Person, change_id: int) -> TagChange:
    """NotFoundError for whoever may not see it."""
    rows = TagChange.objects.select_related("catalog__account", "proposed_by", "intent", "closed_by")
    change = rows.filter(pk=change_id).first()
    if change is None or not may_view_tag_change(person, change):
        raise NotFoundError
    return change
