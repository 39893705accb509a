"""Schema updates as a kind of decision."""

from django.db.models import Q
from django.utils.translation import ngettext

from catalog.products.may import build_data_owner_filter
from catalog.registrations.schema_updates.may import list_deciders, may_approve_schema_update
from catalog.registrations.schema_updates.models import SchemaUpdate
from catalog.registrations.schema_updates.queries import list_schema_updates
from catalog.registrations.schema_updates.states import SchemaUpdateState
from decisions.kinds import Kind, register
from decisions.states import DecisionState

SCHEMA_UPDATE = register(
    Kind(
        name="schema_update",
        model=SchemaUpdate,
        waits=Q(state=SchemaUpdateState.PROPOSED, registration__state=DecisionState.APPROVED),
        list_visible=list_schema_updates,
        may_decide=may_approve_schema_update,
        list_deciders=list_deciders,
        select_for_role=build_data_owner_filter("registration__domain"),
        get_domain=lambda row: row.registration.domain,
        describe_count=lambda n: ngettext("%(n)d schema update", "%(n)d schema updates", n),
        page="schema-update",
        listing="registrations",
    )
)
