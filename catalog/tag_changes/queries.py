"""Reads of tag changes, and of what the approved ones say."""

from collections.abc import Mapping

from django.db.models import QuerySet

from catalog.tag_changes.effects import compute_tag_change_effects
from catalog.tag_changes.may import visible_tag_changes
from catalog.tag_changes.models import TagChange
from catalog.tag_changes.states import TagChangeStatus
from decisions.states import DecisionState
from fulfilment.intents.models import Intent
from identity.accounts import ConnectedCatalog
from identity.people.models import Person
from lakeformation.tagging import (
    TagAssignment,
    TagChangeEffects,
    TagTarget,
    assignments_from_json,
    definitions_from_json,
)

RELATED = ("catalog__account", "requested_by", "intent", "decided_by", "ended_by")
STATE_WORDS: Mapping[str, str] = {DecisionState.WAITING.value: "pending"}
"""Of the API, for what waits."""


def list_approved_changes(catalog: ConnectedCatalog) -> QuerySet[TagChange]:
    """In the order of their intents; not those that were never applied because the tags had changed."""
    rows = TagChange.objects.filter(catalog=catalog, state=DecisionState.APPROVED)
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


def list_tag_changes(person: Person) -> QuerySet[TagChange]:
    """What the person may see, newest first."""
    rows = visible_tag_changes(person).select_related(*RELATED)
    return rows.order_by("-requested_at", "-pk")


def get_status(change: TagChange) -> TagChangeStatus:
    """What people see: the decision, then what is proven in AWS."""
    intent = change.intent
    if change.state != DecisionState.APPROVED or intent is None:
        return TagChangeStatus(STATE_WORDS.get(change.state, change.state))
    if intent.presence == Intent.Presence.STALE:
        return TagChangeStatus.OUTDATED
    if intent.is_proven and intent.presence == Intent.Presence.PRESENT:
        return TagChangeStatus.APPLIED
    if intent.is_proven and intent.presence == Intent.Presence.ABSENT:
        return TagChangeStatus.REPLACED
    return TagChangeStatus.FAILED if intent.failure else TagChangeStatus.APPLYING
