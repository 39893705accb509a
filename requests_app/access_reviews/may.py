"""Who may start and cancel an access review, and keep (only the domain's data owners) or revoke its items."""

from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from catalog.products.may import list_owned_domains
from catalog.products.models import Domain
from identity.people.may import get_team_ids_with_role, has_platform_role
from identity.people.models import Membership, Person, PlatformRole
from kernel.verdicts import ALLOWED, Verdict, refusal
from requests_app.access_reviews.models import AccessReview, AccessReviewItem
from requests_app.access_reviews.states import AccessReviewItemState
from requests_app.grants.may import may_revoke_grant
from requests_app.review.may import may_decide_as_owner


def may_start_access_review(person: Person, domain: Domain | None) -> Verdict:
    """A data owner over their domain; governance over any, as starting one can only take away."""
    if not person.is_active:
        return refusal(_("Your profile is deactivated."))
    if has_platform_role(person, PlatformRole.Role.GOVERNANCE_ADMIN):
        return ALLOWED
    owned = get_team_ids_with_role(person, Membership.Role.DATA_OWNER)
    if domain is None and owned:
        return refusal(_("Choose a domain of your team."))
    if domain is not None and domain.owner_team_id in owned:
        return ALLOWED
    return refusal(_("Only a data owner of the domain or a governance admin can start an access review."))


def list_reviewable_domains(person: Person) -> QuerySet[Domain]:
    """Domains for which the person may start an access review."""
    return Domain.objects.all() if may_start_access_review(person, None) else list_owned_domains(person)


def may_keep_review_items(person: Person, review_item: AccessReviewItem) -> Verdict:
    """A data owner of the domain: never the requester, a member of the requesting team, or governance."""
    return may_decide_as_owner(person, review_item.grant.item)


def may_revoke_review_items(person: Person, review_item: AccessReviewItem) -> Verdict:
    """The same people as outside an access review."""
    return may_revoke_grant(person, review_item.grant)


def may_cancel_access_review(person: Person, access_review: AccessReview) -> Verdict:
    """Whoever started it, while they still may; governance any."""
    started = access_review.started_by_id == person.pk and bool(
        may_start_access_review(person, access_review.domain)
    )
    governs = person.is_active and has_platform_role(person, PlatformRole.Role.GOVERNANCE_ADMIN)
    if started or governs:
        return ALLOWED
    return refusal(_("Only the person who started it or a governance admin can cancel it."))


def may_settle_review_item(access_review: AccessReview, now: datetime) -> Verdict:
    """No person's: only time allows it."""
    return (
        ALLOWED
        if access_review.due_at <= now
        else refusal(_("The access review has not reached its deadline."))
    )


def may_close_access_review(access_review: AccessReview, now: datetime) -> Verdict:
    """No person's: when it is due and nothing waits."""
    if access_review.lines.filter(state=AccessReviewItemState.OPEN).exists():
        return refusal(_("Some items still wait for a decision."))
    return may_settle_review_item(access_review, now)
