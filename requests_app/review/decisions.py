"""In which role a person decides, whether the effects are those shown, and what a rejection writes."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from audit.models import Event
from identity.people.models import Person
from lakeformation.effects.table_effects import Effects
from requests_app.access_requests.may import build_requesting_side
from requests_app.access_requests.models import Decision, RequestItem
from requests_app.errors import EffectsChangedError
from requests_app.policy_engine.quorum import (
    RoleApproval,
    find_decision_bar,
    find_missing_approvals,
    get_next_roles,
)
from requests_app.policy_engine.rules import DeciderRole
from requests_app.policy_engine.verdict import PolicyVerdict
from requests_app.review.approval_hash import compute_approval_hash
from requests_app.review.may import build_decider, find_delegation
from requests_app.review.role_changes import filter_unbarred_roles
from requests_app.review.terms import NOT_NARROWED, NarrowedTerms
from requests_app.targets.checks import check_effects, check_widenings


def check_effects_as_shown(
    item: RequestItem,
    effects: Effects,
    effects_hash: str,
    *,
    narrowed: NarrowedTerms = NOT_NARROWED,
    widenings: Collection[str] = (),
) -> None:
    """Raises EffectsChangedError unless `effects_hash` names these effects of approving the item, or what `narrowed` leaves
    of it; RefusedError for effects that nobody can approve, and for widenings that are not named.
    """
    current = compute_approval_hash(item, effects, narrowed)
    if current != effects_hash:
        raise EffectsChangedError(effects, current)
    check_effects(effects)
    check_widenings(effects, widenings)


@dataclass(frozen=True)
class Approver:
    """Who approves, in which role, and for which data owner who delegated it. `role` is None for a person who has
    approved the same effects before, when only the policies changed since.
    """

    person: Person
    role: DeciderRole | None
    on_behalf_of: Person | None = None

    @property
    def role_approval(self) -> RoleApproval | None:
        return RoleApproval((self.on_behalf_of or self.person).pk, self.role) if self.role else None


def find_approver(
    person: Person, item: RequestItem, verdict: PolicyVerdict, earlier: Collection[RoleApproval]
) -> Approver:
    """In the role in which their approval counts: of those whose turn it is, else of those still missing."""
    if person.pk in {approval.person for approval in earlier}:
        return Approver(person, None)
    left = find_missing_approvals(verdict.needs, earlier)
    role = _find_role(person, item, [*get_next_roles(left), *(need.role for need in left), *verdict.roles])
    return Approver(person, role, _find_delegating_owner(person, item, role))


def _find_role(person: Person, item: RequestItem, roles: Iterable[DeciderRole]) -> DeciderRole | None:
    """The first of these in which the person may decide on the item."""
    seat, side = build_decider(person, item), build_requesting_side(item)
    held = [role for role in roles if find_decision_bar(seat, role, side) is None]
    return next((DeciderRole(role) for role in filter_unbarred_roles(person, item, held)), None)


def _find_delegating_owner(person: Person, item: RequestItem, role: DeciderRole | None) -> Person | None:
    delegation = find_delegation(person, item) if role is DeciderRole.OWNER else None
    return delegation.owner if delegation else None


def create_rejection(
    item: RequestItem, person: Person, effects_hash: str, event: Event, *, comment: str
) -> Decision:
    role = _find_role(person, item, map(DeciderRole, item.needed_from)) or DeciderRole.OWNER
    return Decision.objects.create(
        item=item,
        requester_id=item.requester_id,
        decided_by=person,
        on_behalf_of=_find_delegating_owner(person, item, role),
        decided_at=event.at,
        answer=Decision.Answer.REJECT,
        effects_hash=effects_hash,
        comment=comment.strip(),
        role=role.value,
        event=event,
    )
