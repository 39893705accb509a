"""Registrations as a kind of decision."""

from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from catalog.registrations.effects import build_effects
from catalog.registrations.may import (
    list_deciders,
    may_approve_registration,
    may_end_registration,
    may_except_registration,
    may_reject_registration,
    may_withdraw_registration,
)
from catalog.registrations.models import Registration
from catalog.registrations.queries import get_status, list_problems, list_registrations
from catalog.registrations.states import RegistrationStatus
from catalog.registrations.targets import describe_outside, is_in_gold_location
from decisions.kinds import DecidedKind, Verbs, register
from decisions.states import ENDED_BY_PEOPLE, STATE_WORDS, ShownState
from fulfilment.intents import actions as engine
from fulfilment.intents.models import Intent
from identity.people.models import Membership, Person, PlatformRole
from kernel.errors import RefusedError


def may_decide(person: Person, row: Registration) -> object:
    may_decide = may_except_registration if row.awaits_exception else may_approve_registration
    return may_decide(person, row)


def select_for_role(role: str, team: Any) -> Q | None:
    if team is not None and role == Membership.Role.DATA_OWNER:
        return Q(domain__owner_team=team)
    if team is None and role == PlatformRole.Role.GOVERNANCE_ADMIN:
        return Q(exception_at=None) & ~Q(exception_reason="")
    return None


def check(row: Registration, _now: datetime) -> None:
    if row.awaits_exception:
        raise RefusedError(_("A governance admin must approve the location first."))
    if not row.exception_reason and not is_in_gold_location(row.producer, row.location):
        raise RefusedError(describe_outside(row.producer.gold_location))
    if row.engineer.gone_at is not None or row.engineer.is_portal:
        raise RefusedError(_("The engineers' role no longer exists."))
    if not row.producer.is_producer or row.producer.team_id != row.domain.owner_team_id:
        raise RefusedError(_("The producer account no longer belongs to the domain's team."))


def apply(row: Registration, effects: dict[str, Any], now: datetime) -> tuple[str, ...]:
    """Two intents: `table_intent` makes the table, `write_intent` lets the engineers' role write to it."""
    common: dict[str, Any] = {
        "kind": Intent.Kind.REGISTRATION,
        "effects": effects,
        "effects_hash": row.effects_hash,
        "expires_at": None,
        "now": now,
    }
    catalog_key = engine.catalog_scope_key(row.catalog_id)
    share_key = engine.share_scope_key(row.catalog_id, row.producer.account_id)
    row.table_intent = engine.create_intent(
        scope_key=catalog_key, subject=row.subject, wanted=effects["registration"], **common
    )
    row.write_intent = engine.create_intent(
        scope_key=share_key, subject=f"{row.subject}:write", wanted=effects["access"], **common
    )
    return ("table_intent", "write_intent")


def take_back(row: Registration, now: datetime) -> None:
    """The engineers' role loses what the registration gave it. The table stays in the catalog, and the data where they are."""
    for intent in sorted(filter(None, (row.table_intent_id, row.write_intent_id))):
        engine.end_intent(intent_id=intent, now=now)


REGISTRATION = register(
    DecidedKind(
        name="registration",
        model=Registration,
        verbs=Verbs(
            request="request_registration",
            withdraw="withdraw_registration",
            approve="approve_registration",
            reject="reject_registration",
            end="end_registration",
        ),
        list_visible=list_registrations,
        may_decide=may_decide,
        may_withdraw=may_withdraw_registration,
        may_approve=may_approve_registration,
        may_reject=may_reject_registration,
        may_end=may_end_registration,
        list_deciders=list_deciders,
        select_for_role=select_for_role,
        get_domain=lambda row: row.domain,
        check=check,
        build_effects=build_effects,
        apply=apply,
        take_back=take_back,
        states=ENDED_BY_PEOPLE,
        state_words=STATE_WORDS,
        get_status=lambda row, _now: get_status(row),
        statuses=RegistrationStatus.values,
        shown={"registering": ShownState("applying"), "registered": ShownState("active")},
        list_problems=list_problems,
        texts={
            "request_registration": gettext_lazy(
                "%(actor)s asks you to decide on the registration of %(what)s: %(reason)s"
            ),
            "except_registration": gettext_lazy(
                "%(actor)s approved the location of %(what)s. The registration waits for your decision."
            ),
            "approve_registration": gettext_lazy("%(actor)s approved the registration of %(what)s."),
            "reject_registration": gettext_lazy(
                "%(actor)s rejected the registration of %(what)s: %(reason)s"
            ),
            "end_registration": gettext_lazy("%(actor)s ended the registration of %(what)s: %(reason)s"),
        },
        label=gettext_lazy("registration"),
        describe_count=lambda n: ngettext("%(n)d registration", "%(n)d registrations", n),
        page="registration",
        listing="registrations",
    )
)
