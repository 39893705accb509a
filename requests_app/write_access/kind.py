"""Write requests as a kind of decision."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from catalog.products.may import build_data_owner_filter
from decisions.kinds import DecidedKind, Verbs, register
from decisions.states import ENDED_BY_PEOPLE, STATE_WORDS, ShownState
from fulfilment.intents import actions as engine
from fulfilment.intents.models import Intent
from kernel.errors import RefusedError
from requests_app.access_requests.locks import lock_write_approvals
from requests_app.write_access.effects import build_effects, check_obstacles
from requests_app.write_access.may import (
    list_deciders,
    may_approve_write_request,
    may_end_write_access,
    may_reject_write_request,
    may_withdraw_write_request,
)
from requests_app.write_access.models import WriteRequest
from requests_app.write_access.queries import get_problem, get_status, list_write_requests
from requests_app.write_access.states import WriteRequestStatus
from requests_app.write_access.targets import check_writable, check_writer


def check(row: WriteRequest, now: datetime) -> None:
    lock_write_approvals(row.principal_id, row.table_id)
    domain = check_writable(row.table)
    if domain.pk != row.domain_id:
        raise RefusedError(_("The table belongs to another domain by now. Request access again."), "table")
    check_writer(row.principal, row.table, domain)
    if row.ends_at <= now:
        raise RefusedError(_("The requested end date has passed. Request access again."), "ends_at")
    check_obstacles(row)


def apply(row: WriteRequest, effects: dict[str, Any], now: datetime) -> tuple[str, ...]:
    row.intent = engine.create_intent(
        kind=Intent.Kind.WRITE,
        scope_key=engine.share_scope_key(row.table.database.catalog_id, row.principal.account.account_id),
        subject=row.subject,
        wanted=effects["access"],
        effects=effects,
        effects_hash=row.effects_hash,
        expires_at=row.ends_at,
        now=now,
    )
    return ("intent",)


def take_back(row: WriteRequest, now: datetime) -> None:
    if row.intent_id is not None:
        engine.end_intent(intent_id=row.intent_id, now=now)


WRITE_REQUEST = register(
    DecidedKind(
        name="write_request",
        model=WriteRequest,
        verbs=Verbs(
            request="request_write_access",
            withdraw="withdraw_write_request",
            approve="approve_write_request",
            reject="reject_write_request",
            end="end_write_access",
        ),
        list_visible=list_write_requests,
        may_decide=may_approve_write_request,
        may_withdraw=may_withdraw_write_request,
        may_approve=may_approve_write_request,
        may_reject=may_reject_write_request,
        may_end=may_end_write_access,
        list_deciders=list_deciders,
        select_for_role=build_data_owner_filter("domain"),
        get_domain=lambda row: row.domain,
        check=check,
        build_effects=build_effects,
        apply=apply,
        take_back=take_back,
        states=ENDED_BY_PEOPLE,
        state_words=STATE_WORDS,
        get_status=get_status,
        statuses=WriteRequestStatus.values,
        shown={"granting": ShownState("applying"), "active": ShownState("active")},
        list_problems=lambda row: list(filter(None, [get_problem(row)])),
        texts={
            "request_write_access": gettext_lazy("%(actor)s requests write access to %(what)s: %(reason)s"),
            "approve_write_request": gettext_lazy("%(actor)s approved write access to %(what)s."),
            "reject_write_request": gettext_lazy("%(actor)s rejected write access to %(what)s: %(reason)s"),
            "end_write_access": gettext_lazy("%(actor)s ended write access to %(what)s: %(reason)s"),
        },
        label=gettext_lazy("write access"),
        describe_count=lambda n: ngettext("%(n)d write request", "%(n)d write requests", n),
        page="write-request",
        listing="write-requests",
    )
)
