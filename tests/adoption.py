"""A permission found in AWS becomes a grant, as by the permissions page: looked at, adopted as shown."""

from typing import Any

from fulfilment.observations.models import ObservedPermission
from identity.people.models import Person
from kernel import clock
from requests_app.grants.models import Grant
from requests_app.permissions.actions import adopt_permission
from requests_app.permissions.adoption import (
    build_adoptable_permission,
    build_draft_item,
    compute_adopted_effects,
)
from requests_app.permissions.queries import get_unmanaged_permission
from tests import factories


def adopt_observed(row: ObservedPermission, *, by: Person, owner: Person) -> Grant:
    """For thirty days; `owner` answers for it."""
    now = clock.now()
    said: dict[str, Any] = {"reason": "Nightly export since 2021", "ends_at": factories.days_from_now(30)}
    found = build_adoptable_permission(*get_unmanaged_permission(by, row.pk, now), by)
    shown = compute_adopted_effects(build_draft_item(found, owner, now=now, **said), found)
    return adopt_permission(
        acting_user=by,
        observed_id=row.pk,
        responsible_person=owner,
        effects_hash=shown.digest(),
        now=now,
        **said,
    )
