"""Schema updates as a kind of decision: found by itself, and a data owner decides on those that may break queries."""

from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from catalog.products.may import build_data_owner_filter
from catalog.registrations.models import Registration
from catalog.registrations.schema_updates.effects import build_update_effects
from catalog.registrations.schema_updates.may import list_deciders, may_decide_schema_update
from catalog.registrations.schema_updates.models import SchemaUpdate
from catalog.registrations.schema_updates.queries import find_governance_table, list_schema_updates
from decisions.kinds import DecidedKind, Verbs, register
from decisions.states import DecisionState, ShownState
from fulfilment.intents import actions as engine
from fulfilment.intents.models import Intent
from kernel.errors import RefusedError

MAX_NAMES_LENGTH = 160


def lock_registration(row: SchemaUpdate) -> None:
    """As the verb locks it that finds updates."""
    Registration.objects.select_for_update().get(pk=row.registration_id)


def check(row: SchemaUpdate, _now: datetime) -> None:
    if not row.registration.is_approved:
        raise RefusedError(_("The registration has ended."))


def apply(row: SchemaUpdate, effects: dict[str, Any], now: datetime) -> tuple[str, ...]:
    """A new intent for the table, in place of the present one."""
    registration = row.registration
    assert registration.table_intent_id is not None
    engine.end_intent(intent_id=registration.table_intent_id, now=now)
    row.replaced_intent_id = registration.table_intent_id
    row.table_intent = engine.create_intent(
        kind=Intent.Kind.REGISTRATION,
        scope_key=engine.catalog_scope_key(registration.catalog_id),
        subject=registration.subject,
        wanted=effects["registration"],
        effects=effects,
        effects_hash=row.effects_hash,
        expires_at=None,
        now=now,
    )
    registration.table_intent = row.table_intent
    if row.decided_by is not None:
        registration.source_digest = ""  # the source may be at a later version than when the update was found
    registration.save(update_fields=["table_intent", "source_digest"])
    return ("table_intent", "replaced_intent")


def describe_changes(row: SchemaUpdate) -> dict[str, Any]:
    """What a notification names. `table` is the mirrored row of the registered table."""
    names = ", ".join(dict.fromkeys(change["name"] for change in row.changes if change["name"]))
    table = find_governance_table(row.registration)
    return {
        "domain": row.registration.domain_id,
        "reason": names[:MAX_NAMES_LENGTH],
        "table": table.pk if table else None,
        "is_breaking": row.is_breaking,
    }


SCHEMA_UPDATE = register(
    DecidedKind(
        name="schema_update",
        model=SchemaUpdate,
        waits=Q(state=DecisionState.WAITING, registration__state=DecisionState.APPROVED),
        verbs=Verbs(
            request="find_schema_update",
            approve="approve_schema_update",
            reject="reject_schema_update",
            approve_by_itself="apply_schema_update",
        ),
        list_visible=list_schema_updates,
        may_decide=may_decide_schema_update,
        may_approve=may_decide_schema_update,
        may_reject=may_decide_schema_update,
        list_deciders=list_deciders,
        select_for_role=build_data_owner_filter("registration__domain"),
        get_domain=lambda row: row.registration.domain,
        lock_first=lock_registration,
        check=check,
        build_effects=build_update_effects,
        apply=apply,
        tell=lambda row: {"what": str(row), **(describe_changes(row) if row.is_approved else {})},
        states=(DecisionState.WAITING, DecisionState.APPROVED, DecisionState.REJECTED, DecisionState.LAPSED),
        state_words={DecisionState.WAITING: "proposed", DecisionState.LAPSED: "replaced"},
        engine="engine:schemas",
        shown={
            DecisionState.APPROVED: ShownState("applying"),
            DecisionState.LAPSED: ShownState("ended", "replaced"),
        },
        texts={
            "find_schema_update": gettext_lazy(
                "Columns or settings of %(what)s changed in the producer's catalog: %(reason)s. Queries may break, so the change waits for your decision."
            )
        },
        label=gettext_lazy("schema update"),
        person_field="",
        describe_count=lambda n: ngettext("%(n)d schema update", "%(n)d schema updates", n),
        page="schema-update",
        listing="registrations",
    )
)
