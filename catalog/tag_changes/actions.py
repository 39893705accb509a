"""Propose a tag change, in one transaction; no call to AWS is made. The other verbs are those of `decisions.actions`."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from catalog.derivation.classification_checks import check_floors_kept
from catalog.tag_changes.checks import check_text
from catalog.tag_changes.errors import TagEffectsChangedError
from catalog.tag_changes.kind import TAG_CHANGE
from catalog.tag_changes.may import may_propose_tag_change
from catalog.tag_changes.models import TagChange
from catalog.tag_changes.preview import compute_proposed_effects
from decisions.actions import record_request
from identity.accounts import ConnectedCatalog
from identity.people.models import Person
from kernel.errors import require_allowed
from lakeformation.tagging import TagAssignment, TagChangeEffects, TagDefinition


@transaction.atomic(durable=True)
def propose_tag_change(
    *,
    acting_user: Person,
    catalog: ConnectedCatalog,
    assignments: Sequence[TagAssignment],
    reason: str,
    now: datetime,
    definitions: Sequence[TagDefinition] = (),
    effects_hash: str = "",
) -> TagChange:
    """Ask the owners of the data to tag it so. `effects_hash`: of the effects that the person was shown, if they were.

    ForbiddenError; RefusedError naming what is wrong; TagEffectsChangedError where other effects were shown.
    """
    effects = compute_proposed_effects(catalog, assignments, definitions)
    require_allowed(may_propose_tag_change(acting_user, effects.teams, defines=bool(definitions)))
    return write_proposal(
        person=acting_user, catalog=catalog, effects=effects, reason=reason, now=now, shown=effects_hash
    )


def write_proposal(
    *,
    person: Person,
    catalog: ConnectedCatalog,
    effects: TagChangeEffects,
    reason: str,
    now: datetime,
    shown: str = "",
) -> TagChange:
    """`propose_tag_change` within the transaction of a caller that has authorised. `shown`: the hash of the effects that
    the person saw.
    """
    check_text(reason, "reason", is_required=True)
    if shown and effects.digest() != shown:
        raise TagEffectsChangedError(effects)
    check_floors_kept(
        person, catalog, effects.outcome, {assignment.key for assignment in effects.assignments}, now
    )
    row = TagChange.objects.create(
        catalog=catalog,
        definitions=effects.wanted["definitions"],
        assignments=effects.wanted["assignments"],
        reason=reason.strip(),
        effects=effects.to_json(),
        effects_hash=effects.digest(),
        requested_by=person,
        requested_at=now,
    )
    data = {
        "effects": row.effects,
        "effects_hash": row.effects_hash,
        "catalog": catalog.pk,
        "reason": row.reason,
    }
    record_request(TAG_CHANGE, row, data)
    return row
