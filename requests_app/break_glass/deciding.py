"""The yes that a standing consent says to an item, once both names stand on it: decision, intent and grant."""

from datetime import datetime

from django.utils.translation import gettext as _

from audit.actions import record
from audit.models import Event
from fulfilment import actions as engine
from fulfilment.models import Intent
from lakeformation.effects import Effects
from requests_app.access import access_of, effects_of
from requests_app.asks import check_effects, check_still_stands, check_widenings
from requests_app.break_glass.models import BreakGlass
from requests_app.errors import EffectsChangedError, demand
from requests_app.loaders import ITEM_ROWS
from requests_app.locks import one_decision_at_a_time
from requests_app.may import may_decide_as_owner
from requests_app.models import Decision, Grant, Item
from requests_app.policy.judging import PolicyVerdict, judge
from requests_app.policy.quorum import Yes
from requests_app.policy.rules import Role
from requests_app.rules.judging import KEPT, check_verdict, judged, keep_verdict
from requests_app.states import ItemState, item_move


def decide_by_consent(taken: BreakGlass, item_id: int, effects_hash: str, now: datetime) -> Grant:
    """The grant, for exactly the effects that were shown; a widening is never in a consent, and what a rule refuses
    stays refused. Whoever gave it must be somebody who could decide on the item.
    """
    item = Item.objects.select_for_update(of=("self",)).select_related(*ITEM_ROWS).get(pk=item_id)
    item.state, item.state_changed_at = item_move(ItemState(item.state), ItemState.APPROVED), now
    demand(may_decide_as_owner(taken.consent.given_by, item))
    check_still_stands(item, now)
    one_decision_at_a_time(item)
    effects = effects_of(item)
    if effects.digest() != effects_hash:
        raise EffectsChangedError(effects)
    check_effects(effects)
    check_widenings(effects, ())
    facts, verdict = judged(item, effects)
    check_verdict(verdict)
    # Whose further yes rules want, the consent has answered ahead: the owner's alone is demanded of the grant.
    keep_verdict(item, facts, judge((), facts), [Yes(taken.consent.given_by_id, Role.OWNER)])
    event = _decided(taken, item, effects, verdict, now)
    item.save(update_fields=["state", "state_changed_at", *KEPT])
    return _granted(item, effects, event)


def _decided(taken: BreakGlass, item: Item, effects: Effects, verdict: PolicyVerdict, now: datetime) -> Event:
    consent = taken.consent
    data = {
        "effects": effects.to_json(),
        "effects_hash": effects.digest(),
        "consent": consent.pk,
        "rules": verdict.to_json(),
    }
    actor = f"person:{consent.given_by_id}"
    event = record(verb="approve_item_by_consent", actor=actor, subject=f"item:{item.pk}", data=data, now=now)
    words = _("By standing consent, on the names of %(taker)s and %(second)s.")
    Decision.objects.create(
        item=item,
        requester_id=item.requester_id,
        decided_by=consent.given_by,
        decided_at=event.at,
        answer=Decision.Answer.APPROVE,
        effects_hash=effects.digest(),
        comment=words % {"taker": taken.taken_by.name, "second": consent.second.name},
        by_consent=consent,
        event=event,
    )
    return event


def _granted(item: Item, effects: Effects, event: Event) -> Grant:
    account = item.request.principal.account
    intent = engine.want(
        kind=Intent.Kind.GRANT,
        scope_key=engine.share_scope_key(item.table.database.catalog_id, account.account_id),
        subject=f"item:{item.pk}",
        wanted=access_of(item).to_json(),
        effects=effects.to_json(),
        effects_hash=effects.digest(),
        expires_at=item.ends_at,
        now=event.at,
    )
    return Grant.objects.create(
        item=item,
        intent=intent,
        principal=item.request.principal,
        table=item.table,
        effects_hash=intent.effects_hash,
        granted_at=event.at,
        ends_at=item.ends_at,
        event=event,
    )
