"""Why nobody who is active can decide, and who can change that."""

import copy

from django.utils.translation import gettext as _

from catalog.products.models import Domain
from identity.people.models import Membership, Team
from requests_app.access_requests.may import get_item_domain
from requests_app.access_requests.models import RequestItem
from requests_app.access_requests.states import ItemState
from requests_app.policy_engine.rules import DeciderRole
from requests_app.review.may import list_deciders


def explain_missing_deciders(item: RequestItem) -> str:
    """Of a waiting item: each of the roles that have to approve next needs somebody. Empty if they have."""
    if item.state != ItemState.SUBMITTED or not item.request.current_requester.is_active:
        return ""
    missing = [role for role in item.waits_for or item.needed_from if not _has_decider(item, role)]
    if not missing:
        return ""
    if DeciderRole.OWNER not in missing:
        return _("Nobody has the role that a policy requires here. A governance admin can appoint someone.")
    return explain_missing_owners(get_item_domain(item))


def explain_missing_owners(domain: Domain | None) -> str:
    """Of something that waits for a data owner of the domain, of whom none may decide."""
    if domain is not None and is_without_owner(domain.owner_team):
        return _(
            "Nobody can decide this: %(team)s has no active data owner. A governance admin has to appoint one."
        ) % {"team": domain.owner_team.name}
    return _(
        "Nobody can decide this now: whoever could has asked for it, belongs to the requesting team, or is barred by a role change. A governance admin can appoint somebody else."
    )


def is_without_owner(team: Team) -> bool:
    """Whether no active person is its data owner."""
    owners = Membership.objects.filter(team=team, role=Membership.Role.DATA_OWNER)
    return not owners.filter(person__is_active=True).exists()


def _has_decider(item: RequestItem, role: str) -> bool:
    alone = copy.copy(item)
    alone.waits_for = [role]
    return list_deciders(alone).exists()
