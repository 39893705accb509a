"""Approvals by a standing consent, once the second person has confirmed."""

from datetime import datetime

from django.utils.translation import gettext as _

from kernel.errors import require_allowed
from kernel.text import builds_stored_text
from requests_app.access_requests.locks import get_locked_item_rows, lock_decisions
from requests_app.access_requests.may import may_be_decided
from requests_app.access_requests.states import ITEM_TRANSITIONS, ItemState
from requests_app.break_glass.models import BreakGlassSession
from requests_app.grants.models import Grant
from requests_app.policies.evaluation import check_verdict, evaluate_item
from requests_app.policy_engine.rules import DeciderRole
from requests_app.review.approval import (
    Approval,
    Approver,
    PriorApproval,
    check_effects_as_shown,
    conclude_approval,
)
from requests_app.review.may import may_decide_as_owner
from requests_app.targets.checks import check_still_grantable, compute_effects


def approve_by_consent(
    session: BreakGlassSession, item_id: int, effects_hash: str, now: datetime
) -> Grant | None:
    """The grant, for exactly the effects that were shown. A consent never covers a widening, rules can still refuse,
    and the person who gave the consent must be allowed to decide on the item.
    """
    consent = session.consent
    item = get_locked_item_rows(item_id)
    lock_decisions(item)
    consent.granted_by.refresh_from_db(fields=["is_active"])
    ITEM_TRANSITIONS.check(item.state, ItemState.APPROVED)
    require_allowed(may_be_decided(item))
    require_allowed(may_decide_as_owner(consent.granted_by, item))
    check_still_grantable(item, now)
    effects = compute_effects(item)
    check_effects_as_shown(item, effects, effects_hash)
    facts, verdict = evaluate_item(item, effects)
    check_verdict(verdict)
    approval = Approval(
        item=item,
        approver=Approver(consent.granted_by, DeciderRole.OWNER),
        effects=effects,
        facts=facts,
        verdict=verdict,
        comment=_describe_consent(session),
        prior=PriorApproval(consent, "approve_item_by_consent", "consent", "by_consent", is_sufficient=True),
    )
    return conclude_approval(approval, now)


@builds_stored_text
def _describe_consent(session: BreakGlassSession) -> str:
    words = _("By a consent, opened by %(recipient)s and confirmed by %(confirmer)s.")
    return words % {"recipient": session.started_by.name, "confirmer": session.consent.confirmer.name}
