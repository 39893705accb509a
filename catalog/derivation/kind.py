"""Derivation requests as a kind of decision."""

from django.db.models import Q
from django.utils.translation import ngettext

from catalog.derivation.may import list_deciders, may_decide_derivation
from catalog.derivation.models import DerivationRequest
from catalog.derivation.queries import list_requests
from catalog.derivation.states import DerivationState
from catalog.products.may import build_data_owner_filter
from decisions.kinds import Kind, register

DERIVATION_REQUEST = register(
    Kind(
        name="derivation_request",
        model=DerivationRequest,
        waits=Q(state=DerivationState.WAITING),
        list_visible=list_requests,
        may_decide=may_decide_derivation,
        list_deciders=list_deciders,
        select_for_role=build_data_owner_filter("domain"),
        get_domain=lambda row: row.domain,
        describe=lambda row: str(row.product),
        describe_count=lambda n: ngettext("%(n)d derivation request", "%(n)d derivation requests", n),
        page="derivation-request",
        listing="derivation-requests",
    )
)
