"""Approval at once, by a policy of the domain or by an offer."""

from datetime import datetime

from django.utils.translation import gettext as _

from catalog.products.offers.models import OfferVersion
from kernel.text import builds_stored_text
from lakeformation.effects.table_effects import Effects
from requests_app.access_requests.locks import lock_decisions
from requests_app.access_requests.may import get_item_domain
from requests_app.access_requests.models import RequestItem
from requests_app.grants.models import Grant
from requests_app.policies.evaluation import evaluate_item, list_published_versions
from requests_app.policies.models import PolicyVersion
from requests_app.policy_engine.rules import DeciderRole
from requests_app.policy_engine.verdict import PolicyOutcome, PolicyVerdict
from requests_app.review.approval import Approval, Approver, PriorApproval, conclude_approval
from requests_app.review.may import may_decide_as_owner
from requests_app.targets.checks import compute_effects

ApprovingVersion = PolicyVersion | OfferVersion


def approve_automatically(item: RequestItem, now: datetime) -> Grant | None:
    """The grant of an item just submitted, if a rule of its domain or its offer approves it; None if people decide.

    The caller has checked, under the offer's lock, that it is published and that the item is within it.
    """
    if item.verdict["outcome"] != PolicyOutcome.AUTOMATIC and not (item.offer and item.offer.automatic):
        return None
    lock_decisions(item)
    effects = compute_effects(item)
    facts, verdict = evaluate_item(item, effects)
    version = find_approving_version(item, effects, verdict)
    if version is None or version.published_by is None:
        return None
    if isinstance(version, OfferVersion):
        prior = PriorApproval(version, "approve_item_under_offer", "offer", "by_offer")
    else:
        prior = PriorApproval(version, "approve_item_by_policy", "policy", "by_rule")
    approval = Approval(
        item=item,
        approver=Approver(version.published_by, DeciderRole.OWNER),
        effects=effects,
        facts=facts,
        verdict=verdict,
        comment=_describe_approval(version, verdict),
        prior=prior,
    )
    return conclude_approval(approval, now)


def find_approving_version(
    item: RequestItem, effects: Effects, verdict: PolicyVerdict
) -> ApprovingVersion | None:
    """The domain's policy, else the offer, that approves the item, saved or not; None if people decide.

    Whoever published it must be allowed to decide on the item, and the effects must not need a person's
    review, see `has_plain_effects`.
    """
    if not has_plain_effects(item, effects):
        return None
    # Only if no rule requires the approval of people: an offer approves for its data owner only.
    offer = item.offer
    if offer is None or not offer.automatic or not verdict.needs_only_owner:
        offer_version = None
    else:
        offer_version = offer if offer.offer.domain == get_item_domain(item) else None
    for version in (_find_policy_version(item, verdict), offer_version):
        if version and version.published_by and may_decide_as_owner(version.published_by, item):
            return version
    return None


def _find_policy_version(item: RequestItem, verdict: PolicyVerdict) -> PolicyVersion | None:
    if verdict.outcome is not PolicyOutcome.AUTOMATIC:
        return None
    versions = list_published_versions(get_item_domain(item))
    return next((version for version in versions if version.domain_id is not None), None)


@builds_stored_text
def _describe_approval(version: ApprovingVersion, verdict: PolicyVerdict) -> str:
    if isinstance(version, OfferVersion):
        return _("Automatically, under the offer “%(offer)s”.") % {"offer": version.name}
    return _("Automatically, by the rule %(rule)s.") % {"rule": verdict.automatic[0].name}


def has_plain_effects(item: RequestItem, effects: Effects) -> bool:
    """No widening, refusal or warning (metadata have theirs always), nothing that has to be made otherwise in
    AWS first (a location governed, a principal opted in), and nothing that the admins of an account would pass on.
    """
    warned = effects.warnings and item.target.shows_data
    first = any(line.resource for line in effects.side_effects)
    return not (effects.widenings or effects.refusals or warned or first or item.request.principal.is_account)
