"""Derivation requests as a kind of decision: a data owner approves for ever or up to a day, and may revoke that."""

from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from catalog.derivation.may import (
    list_deciders,
    may_decide_derivation,
    may_revoke_derivation,
    may_withdraw_derivation,
)
from catalog.derivation.models import DerivationRequest
from catalog.derivation.queries import list_requests
from catalog.products.may import build_data_owner_filter, list_data_owner_ids, list_product_owner_ids
from decisions.kinds import DecidedKind, Verbs, register
from decisions.states import DecisionState, ShownState
from kernel.errors import RefusedError


def check(row: DerivationRequest, now: datetime) -> None:
    if row.ends_on is not None and row.ends_on < timezone.localdate(now):
        raise RefusedError(_("Choose today or a later day."), "ends_on")


def describe_request(row: DerivationRequest) -> dict[str, Any]:
    return {
        "what": row.product.name,
        "product": row.product_id,
        "slug": row.product.slug,
        "domain": row.domain_id,
        "ends_on": row.ends_on.isoformat() if row.ends_on else None,
    }


def tell(row: DerivationRequest) -> dict[str, Any]:
    """A withdrawal is told to the domain's data owners, a lapse to the product's owners, all else to these and to who asked."""
    actor = row.ended_by_id or row.decided_by_id or 0
    if row.state == DecisionState.WITHDRAWN:
        return {**describe_request(row), "people": list_data_owner_ids(row.domain, without=actor)}
    if row.state == DecisionState.LAPSED:
        owners = list_product_owner_ids(row.product, without=0)
        return {**describe_request(row), "reason": str(row.ends_on), "people": owners}
    owners = list_product_owner_ids(row.product, without=actor)
    return {
        **describe_request(row),
        "reason": row.end_reason or row.comment,
        "people": sorted({*owners, row.requested_by_id} - {actor}),
    }


DERIVATION_REQUEST = register(
    DecidedKind(
        name="derivation_request",
        model=DerivationRequest,
        verbs=Verbs(
            request="request_derivation",
            withdraw="withdraw_derivation",
            approve="approve_derivation",
            reject="reject_derivation",
            end="revoke_derivation",
            lapse="expire_derivation",
        ),
        list_visible=list_requests,
        may_decide=may_decide_derivation,
        may_withdraw=may_withdraw_derivation,
        may_approve=may_decide_derivation,
        may_reject=may_decide_derivation,
        may_end=may_revoke_derivation,
        list_deciders=list_deciders,
        select_for_role=build_data_owner_filter("domain"),
        get_domain=lambda row: row.domain,
        check=check,
        terms=("ends_on",),
        apply=lambda _row, _effects, _now: (),
        tell=tell,
        keeps_withdrawal=True,
        needs_comment=True,
        reason_needed=gettext_lazy("Say in one sentence why."),
        engine="engine:derivation",
        state_words={DecisionState.ENDED: "revoked", DecisionState.LAPSED: "expired"},
        shown={DecisionState.ENDED: ShownState("ended", "revoked")},
        texts={
            "request_derivation": gettext_lazy(
                "%(actor)s asks you to agree to the data product %(what)s, which is made from your data: %(reason)s"
            ),
            "approve_derivation": gettext_lazy(
                "%(actor)s agreed to %(what)s being made from their data as you asked: %(reason)s"
            ),
            "reject_derivation": gettext_lazy(
                "%(actor)s did not agree to %(what)s being made from their data as you asked: %(reason)s"
            ),
            "withdraw_derivation": gettext_lazy(
                "%(actor)s no longer asks you about %(what)s, which is made from your data."
            ),
            "revoke_derivation": gettext_lazy(
                "%(actor)s revoked their approval for %(what)s: the class of their data and their terms apply again. %(reason)s"
            ),
            "expire_derivation": gettext_lazy(
                "An approval for %(what)s ended on %(reason)s: the class of the data that it is made from and its terms apply again."
            ),
        },
        describe=lambda row: str(row.product),
        label=gettext_lazy("derivation"),
        describe_count=lambda n: ngettext("%(n)d derivation request", "%(n)d derivation requests", n),
        page="derivation-request",
        listing="derivation-requests",
    )
)
