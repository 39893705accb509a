"""The verbs of requests and grants. Each is one transaction: authorise, lock, move, write, record.

The web locks request, item, grant, then intents by id; workers never lock the first two.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from audit.actions import record
from audit.models import Event
from fulfilment.query_cache import Readings
from identity.accounts.models import LocalGroup, Principal
from identity.errors import RefusedError, demand
from identity.people.models import Person, Team
from requests_app.access import effects_of
from requests_app.asks import (
    ASKED,
    CheckedAsk,
    ItemAsk,
    check_each,
    check_form,
    check_item,
    check_principal,
    check_same,
    check_still_stands,
    check_text,
    sent_under,
)
from requests_app.basket import SentBasket, check_version, items_of, key_of, locked_basket, remove_items
from requests_app.covered import check_not_covered, covered_sentence, covering
from requests_app.ending import check_reason, end_early
from requests_app.findable import findable
from requests_app.granting import (
    as_shown,
    concluded,
    decide_no,
    decide_yes,
    move_item,
    next_role,
    record_yes,
    yes_in,
)
from requests_app.locks import locked_grant, locked_item, one_decision_at_a_time, one_form_at_a_time
from requests_app.may import (
    may_approve_item,
    may_expire_grant,
    may_reject_item,
    may_revoke_grant,
    may_revoke_grants,
    may_submit_basket,
    may_submit_request,
    may_withdraw_item,
)
from requests_app.models import AccessRequest, Decision, Grant, Item
from requests_app.policy.quorum import missing
from requests_app.readers import check_group
from requests_app.rules.answering import NOTHING_SAID, Said, check_same_answers, keep_answers
from requests_app.rules.automatic import say_yes_at_once
from requests_app.rules.judging import Rulebook, as_judged, rules_stand_still, said_yes
from requests_app.service_roles.answering import answer_for
from requests_app.states import GrantState, ItemState, grant_move, item_move
from requests_app.terms import NOTHING_LESS, Less, check_same_ask, lesser, terms_of, with_terms, write_change
from requests_app.under_offers.checking import check_offers
from requests_app.under_offers.ends import end_under
from requests_app.weighing import check_and_weigh

__all__ = [
    "ItemAsk",
    "Less",
    "approve_item",
    "expire_grant",
    "reject_item",
    "revoke_grant",
    "revoke_grants",
    "submit_basket",
    "submit_request",
    "withdraw_item",
]
MOST_REVOKED = 200
"""Grants that end in one transaction."""


@transaction.atomic(durable=True)
def submit_request(
    *,
    acting_user: Person,
    team: Team,
    principal: Principal,
    purpose: str,
    ends_at: datetime,
    items: Sequence[ItemAsk],
    submission_key: str,
    now: datetime,
    accepts: Collection[int] = (),
    said: Said = NOTHING_SAID,
    group: LocalGroup | None = None,
) -> AccessRequest:
    """The new request; the first one when this person already submitted the same under this key. `accepts` are ids
    of terms of the offers' versions under which it asks; `said`, what rules demand of who asks. With a `group` of
    its account the principal is that account as a whole, see `requests_app.passing_on`.

    Raises ForbiddenError, or RefusedError naming the input that does not stand.
    """
    demand(may_submit_request(acting_user, team, principal, group))
    one_form_at_a_time(acting_user, submission_key)
    words = {
        "team": team, "principal": principal, "group": group, "purpose": purpose.strip(), "ends_at": ends_at,
    }  # fmt: skip
    if first := sent_under(acting_user, submission_key):
        check_same(first, words, items, now)
        check_same_answers(first, said)
        return first
    check_form(purpose=purpose, ends_at=ends_at, items=items, key=submission_key, now=now)
    asks = _found(acting_user, items, principal, group)
    had = covering(asks, principal=principal, ends_at=ends_at)
    check_each(asks, lambda ask: check_not_covered(ask, had))
    ends = {ask.table_id: ends_at for ask in asks}
    check_offers(asks, acting_user, ends=ends, accepts=accepts, now=now)
    request = AccessRequest.objects.create(
        requester=acting_user, submission_key=submission_key, submitted_at=now, **words
    )
    _write_items(request, asks, ends, said, now)
    return request


@transaction.atomic(durable=True)
def submit_basket(
    *,
    acting_user: Person,
    team: Team,
    principal: Principal,
    purpose: str,
    ends_at: datetime,
    version: int,
    now: datetime,
    accepts: Collection[int] = (),
    said: Said = NOTHING_SAID,
    group: LocalGroup | None = None,
) -> SentBasket:
    """One request for all that the basket held when it was shown as `version`, less what the principal has already.
    Sent again, it is the same request. `said` counts for all of it, and so does the `group`.

    Raises ForbiddenError, or RefusedError: ItemsRefusedError at each item that does not stand, and field
    `basket` when the basket holds something else by now. Then nothing is sent.
    """
    demand(may_submit_basket(acting_user, team, principal, group))
    basket = locked_basket(acting_user, team)
    key = key_of(basket, version)
    if first := sent_under(acting_user, key):
        return SentBasket(first, is_new=False)
    check_version(basket, version)
    items = items_of(basket)
    check_form(purpose=purpose, ends_at=ends_at, items=items, key=key, now=now)
    asks = _found(acting_user, items, principal, group)
    had = covering(asks, principal=principal, ends_at=ends_at)
    if not (left := [ask for ask in asks if ask.table_id not in had]):
        raise RefusedError(_("%(role)s has all of this already.") % {"role": principal.name}, "items")
    ends = {ask.table_id: end_under(ask.offer, ends_at, now) for ask in left}
    check_offers(left, acting_user, ends=ends, accepts=accepts, now=now)
    request = AccessRequest.objects.create(
        requester=acting_user, team=team, principal=principal, group=group, purpose=purpose.strip(),
        ends_at=ends_at, submission_key=key, submitted_at=now,
    )  # fmt: skip
    _write_items(request, left, ends, said, now)
    remove_items(basket, [ask.table_id for ask in left], forget_purpose=True)
    return SentBasket(request, is_new=True, left_out=tuple(covered_sentence(grant) for grant in had.values()))


def _found(
    person: Person, items: Sequence[ItemAsk], principal: Principal, group: LocalGroup | None
) -> list[CheckedAsk]:
    """RefusedError for a principal that is gone, and for what the person may not see, or what cannot be given, or not
    be passed on to the group.
    """
    check_principal(principal)
    seen = findable(person, items)

    def found(item: ItemAsk) -> CheckedAsk:
        check_group(group, metadata_only=item.metadata_only)
        return check_item(seen, item)

    return check_each(items, found)


def _write_items(
    request: AccessRequest,
    asks: Sequence[CheckedAsk],
    ends: Mapping[int, datetime],
    said: Said,
    now: datetime,
) -> None:
    rules_stand_still()
    readings, rulebook = Readings(), Rulebook()
    items = [_item(request, ask, ends[ask.table_id], now) for ask in asks]
    check_each(items, lambda item: check_and_weigh(item, readings, rulebook))
    keep_answers(items, request.requester, said, now)
    Item.objects.bulk_create(items)
    data: dict[str, Any] = {
        "team": request.team_id,
        "principal": request.principal_id,
        "group": request.group_id,
        "ends_at": request.ends_at.isoformat(),
        "tables": [ask.table.pk for ask in asks],
        "answers": {str(item.table_id): item.answers for item in items if item.answers},
    }
    _record("submit_request", request.requester, f"request:{request.pk}", data, now)
    answer_for(request.principal, request.requester, now)
    for item in sorted(items, key=_by_table):
        say_yes_at_once(item, now)


def _by_table(item: Item) -> int:
    """The order in which locks are taken: of two baskets at once, neither waits for the other for ever."""
    return item.table_id


def _item(request: AccessRequest, ask: CheckedAsk, ends_at: datetime, now: datetime) -> Item:
    return Item(
        request=request,
        requester=request.requester,
        ends_at=ends_at,
        state_changed_at=now,
        **{name: getattr(ask, name) for name in ASKED},
    )


@transaction.atomic(durable=True)
def approve_item(
    *,
    acting_user: Person,
    item_id: int,
    effects_hash: str,
    comment: str,
    now: datetime,
    widenings: Collection[str] = (),
    less: Less = NOTHING_LESS,
    rules_hash: str = "",
) -> Grant | None:
    """Agree to exactly what was shown, by its `approval_hash`, and to each widening by its key; with `less`, to what is
    left of it. None while rules want others' yes besides; `rules_hash` names their verdict, if it was shown.

    Raises NotFoundError, ForbiddenError, IllegalMoveError, RefusedError when the comment is too long, a widening
    is not agreed to, a rule refuses it or demands more of who asked, `less` is more, or the table, a column, the principal or the time is gone,
    EffectsChangedError and RulesChangedError when the effects, or what the rules say, are others by now.
    """
    rules_stand_still()
    item = locked_item(acting_user, item_id)
    demand(may_approve_item(acting_user, item))
    item_move(ItemState(item.state), ItemState.APPROVED)
    check_text(comment, "comment")
    asked = terms_of(item)
    given = with_terms(item, lesser(item, less, now))
    check_still_stands(given, now)
    one_decision_at_a_time(item)
    readings = Readings()
    effects = as_shown(item, effects_hash, widenings, readings, given=given, less=less)
    facts, verdict = as_judged(given, effects, rules_hash)
    said = said_yes(given, effects.digest())
    role = next_role(acting_user, given, verdict, said)
    said += [yes_in(given, acting_user, role)] if role else []
    is_last = not missing(verdict.needs, said)
    event = record_yes(given, acting_user, effects, now, role=role, verdict=verdict, is_last=is_last)
    if role is not None:
        decide_yes(given, acting_user, role, effects, event, comment=comment, less=less)
    if terms_of(given) != asked:
        write_change(given, asked, acting_user, event)
    return concluded(given, effects, event, facts=facts, verdict=verdict, said=said, readings=readings)


@transaction.atomic(durable=True)
def reject_item(
    *, acting_user: Person, item_id: int, comment: str, now: datetime, shown: str = ""
) -> Decision:
    """Say no, with the reason that the requester will read. `shown` is the `terms_digest` of what was looked at.

    Raises NotFoundError, ForbiddenError, IllegalMoveError, RefusedError without a comment, or when the ask was changed.
    """
    item = locked_item(acting_user, item_id)
    demand(may_reject_item(acting_user, item))
    state = item_move(ItemState(item.state), ItemState.REJECTED)
    check_same_ask(item, shown)
    if not comment.strip():
        raise RefusedError(_("Say why, so that the person who asked can act on it."), "comment")
    check_text(comment, "comment")
    effects_hash = effects_of(item).digest()
    event = _record("reject_item", acting_user, f"item:{item.pk}", {"effects_hash": effects_hash}, now)
    decision = decide_no(item, acting_user, effects_hash, event, comment=comment)
    move_item(item, state, now)
    return decision


@transaction.atomic(durable=True)
def withdraw_item(*, acting_user: Person, item_id: int, now: datetime) -> Item:
    """Take back an ask that nobody has decided on. Raises NotFoundError, ForbiddenError, IllegalMoveError."""
    item = locked_item(acting_user, item_id)
    demand(may_withdraw_item(acting_user, item))
    state = item_move(ItemState(item.state), ItemState.WITHDRAWN)
    _record("withdraw_item", acting_user, f"item:{item.pk}", {}, now)
    move_item(item, state, now)
    return item


@transaction.atomic(durable=True)
def revoke_grant(*, acting_user: Person, grant_id: int, reason: str, now: datetime) -> Grant:
    """End a grant before its time, and whatever was passed on of it; the engine removes the access and proves it.

    Raises NotFoundError, ForbiddenError, IllegalMoveError, RefusedError without a reason.
    """
    check_reason(reason)
    grant = locked_grant(acting_user, grant_id)
    demand(may_revoke_grant(acting_user, grant))
    end_early(grant, by=acting_user, reason=reason, now=now)
    return grant


@transaction.atomic(durable=True)
def revoke_grants(
    *, acting_user: Person, grant_ids: Collection[int], reason: str, now: datetime
) -> list[Grant]:
    """End several grants with one reason, all of them or none; those that have ended by then are left out.

    Raises NotFoundError, ForbiddenError, RefusedError without a reason or for more than `MOST_REVOKED`.
    """
    check_reason(reason)
    if len(grant_ids) > MOST_REVOKED:
        raise RefusedError(_("End %(most)s at most at once.") % {"most": MOST_REVOKED}, "grants")
    ended = []
    for grant_id in sorted(grant_ids):
        grant = locked_grant(acting_user, grant_id)
        demand(may_revoke_grants(acting_user, grant))
        if grant.state == GrantState.LIVE:
            end_early(grant, by=acting_user, reason=reason, now=now)
            ended.append(grant)
    return ended


@transaction.atomic(durable=True)
def expire_grant(*, grant_id: int, now: datetime) -> Grant:
    """The workers' verb: close the row of a grant whose end has come. Access ends without it, by comparison.

    Raises NotFoundError, ForbiddenError before its end, IllegalMoveError when it has ended already.
    """
    grant = locked_grant(None, grant_id)
    demand(may_expire_grant(grant, now))
    grant.state = grant_move(GrantState(grant.state), GrantState.EXPIRED)
    grant.ended_at = now
    grant.save(update_fields=["state", "ended_at"])
    data = {"item": grant.item_id, "ends_at": grant.ends_at.isoformat()}
    record(verb="expire_grant", actor="engine:expire", subject=f"grant:{grant.pk}", data=data, now=now)
    return grant


def _record(verb: str, person: Person, subject: str, data: dict[str, Any], now: datetime) -> Event:
    return record(verb=verb, actor=f"person:{person.pk}", subject=subject, data=data, now=now)
