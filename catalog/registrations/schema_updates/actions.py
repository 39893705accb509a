"""Actions on schema updates. Each is one transaction."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from audit.actions import record_event
from catalog.mirror.models import Table
from catalog.mirror.schema_changes import (
    COMPARED_FIELDS,
    MAX_SHOWN_LENGTH,
    ComparedColumn,
    TableChange,
    compare_schemas,
)
from catalog.registrations.content import MAX_TEXT_LENGTH, check_reason
from catalog.registrations.models import Registration
from catalog.registrations.schema_updates.effects import build_update_effects
from catalog.registrations.schema_updates.may import (
    list_deciders,
    may_approve_schema_update,
    may_reject_schema_update,
    visible_schema_updates,
)
from catalog.registrations.schema_updates.models import SchemaUpdate
from catalog.registrations.schema_updates.queries import (
    REGISTRATION_RELATED,
    find_governance_table,
    get_current_columns,
    get_current_storage,
    list_changed_registrations,
)
from catalog.registrations.schema_updates.states import SCHEMA_UPDATE_TRANSITIONS, SchemaUpdateState
from catalog.registrations.sources import find_source_at, read_storage
from decisions.states import DecisionState
from fulfilment.intents import actions as engine
from fulfilment.intents.models import Intent
from identity.people.events import record_by_person
from identity.people.models import Person
from kernel.errors import NotFoundError, RefusedError, require_allowed
from kernel.text import check_text
from lakeformation.values.canonical_json import digest
from lakeformation.values.registered_tables import (
    FOLLOWED_PARAMETERS,
    MOVING_PARAMETERS,
    TableStorage,
    get_usual_storage,
)

Columns = list[dict[str, str]]
"""As a registration stores them: name, type, comment."""
ENGINE = "engine:schemas"
MAX_REASON_LENGTH = 160
DECISION_FIELDS = (
    "state", "comment", "decided_by", "decided_at", "effects_hash", "event", "table_intent", "replaced_intent",
)  # fmt: skip


@transaction.atomic(durable=True)
def find_schema_update(*, registration_id: int, now: datetime) -> SchemaUpdate | None:
    """The deferred verb: propose columns and storage of the producer's table, and apply them at once if they break no query.
    None where nothing is new: they are the same, proposed already, or were rejected.
    """
    rows = list_changed_registrations().select_for_update(of=("self",))
    registration = rows.filter(pk=registration_id).first()
    source: Table | None = None
    if registration:
        source = find_source_at(registration.producer, registration.location, registration.table)
    if registration is None or source is None:
        return None
    registration.source_digest = source.digest
    registration.save(update_fields=["source_digest"])
    made = _propose(registration, source, now)
    if made is None:
        return None
    data = _describe(made)
    if made.is_breaking:
        data["people"] = list_deciders(made)
        record_event(verb="find_schema_update", actor=ENGINE, subject=made.subject, data=data, now=now)
        return made
    effects = build_update_effects(made)
    data |= {"effects": effects, "effects_hash": digest(effects)}
    made.event = record_event(
        verb="apply_schema_update", actor=ENGINE, subject=made.subject, data=data, now=now
    )
    _apply(made, effects, now)
    return made


def _propose(registration: Registration, source: Table, now: datetime) -> SchemaUpdate | None:
    """None where nothing is new. What waits stays, if only the version of an Iceberg table has changed since."""
    before, after = get_current_columns(registration), _read_columns(source)
    storage_before = get_current_storage(registration)
    storage = _read_new_storage(registration, source, storage_before)
    waiting = registration.schema_updates.filter(state=SchemaUpdateState.PROPOSED).first()
    if waiting is not None and waiting.replaces == before and _holds(waiting, after, storage):
        return None
    if waiting is not None:
        waiting.state = SCHEMA_UPDATE_TRANSITIONS.check(waiting.state, SchemaUpdateState.REPLACED)
        waiting.save(update_fields=["state"])
    moved = _list_storage_changes(registration, storage_before, storage)
    changes = [*list_changes(registration, before, after), *moved]
    last = registration.schema_updates.order_by("-pk").first()
    was_rejected = (
        last is not None and last.state == SchemaUpdateState.REJECTED and _holds(last, after, storage)
    )
    if not (changes and after) or was_rejected:
        return None
    return SchemaUpdate.objects.create(
        registration=registration,
        source=source,
        columns=after,
        replaces=before,
        found_at=now,
        storage=storage,
        replaces_storage=_parse(registration, storage_before).to_json() if moved else {},
        changes=[one.to_json() for one in changes],
        is_breaking=any(one.breaking for one in changes),
    )


def _holds(update: SchemaUpdate, columns: list[dict[str, str]], storage: dict[str, Any]) -> bool:
    registration = update.registration
    kept = update.storage or registration.storage
    return update.columns == columns and _has_same_lasting_storage(registration, kept, storage)


@transaction.atomic(durable=True)
def approve_schema_update(
    *, acting_user: Person, update_id: int, effects_hash: str, comment: str, now: datetime
) -> SchemaUpdate:
    """Consumers of the table are told. `effects_hash` is of what was shown. NotFoundError, ForbiddenError,
    IllegalTransitionError, RefusedError if it is another by now or the registration has ended.
    """
    update = _lock_update(acting_user, update_id)
    require_allowed(may_approve_schema_update(acting_user, update))
    SCHEMA_UPDATE_TRANSITIONS.check(update.state, SchemaUpdateState.APPROVED)
    if update.registration.state != DecisionState.APPROVED:
        raise RefusedError(_("The registration has ended."))
    effects = build_update_effects(update)
    if digest(effects) != effects_hash:
        raise RefusedError(
            _("What approval does has changed since you opened the page. Check it again."), "effects_hash"
        )
    update.comment, update.decided_by = check_text(comment, "comment", MAX_TEXT_LENGTH), acting_user
    data = _describe(update) | {
        "effects": effects,
        "effects_hash": effects_hash,
        "comment": update.comment,
    }
    update.event = record_by_person("approve_schema_update", acting_user, update.subject, data, now)
    _apply(update, effects, now)
    return update


@transaction.atomic(durable=True)
def reject_schema_update(*, acting_user: Person, update_id: int, reason: str, now: datetime) -> SchemaUpdate:
    """The table stays as it is, until the producer's table changes again. NotFoundError, ForbiddenError,
    IllegalTransitionError, RefusedError without a reason.
    """
    update = _lock_update(acting_user, update_id)
    require_allowed(may_reject_schema_update(acting_user, update))
    update.state = SCHEMA_UPDATE_TRANSITIONS.check(update.state, SchemaUpdateState.REJECTED)
    update.comment = check_reason(reason, "reason")
    update.decided_by, update.decided_at = acting_user, now
    data = {"what": str(update), "reason": update.comment}
    update.event = record_by_person("reject_schema_update", acting_user, update.subject, data, now)
    update.save(update_fields=["state", "comment", "decided_by", "decided_at", "event"])
    return update


def _apply(update: SchemaUpdate, effects: dict[str, Any], now: datetime) -> None:
    """A new intent for the table, in place of the present one."""
    registration = update.registration
    update.effects_hash, update.decided_at = digest(effects), now
    assert registration.table_intent_id is not None
    engine.end_intent(intent_id=registration.table_intent_id, now=now)
    update.replaced_intent_id = registration.table_intent_id
    update.table_intent = engine.create_intent(
        kind=Intent.Kind.REGISTRATION,
        scope_key=engine.catalog_scope_key(registration.catalog_id),
        subject=registration.subject,
        wanted=effects["registration"],
        effects=effects,
        effects_hash=update.effects_hash,
        expires_at=None,
        now=now,
    )
    update.state = SCHEMA_UPDATE_TRANSITIONS.check(update.state, SchemaUpdateState.APPROVED)
    update.save(update_fields=DECISION_FIELDS)
    registration.table_intent = update.table_intent
    if update.decided_by is not None:
        registration.source_digest = ""  # the source may be at a later version than when the update was found
    registration.save(update_fields=["table_intent", "source_digest"])


def _describe(update: SchemaUpdate) -> dict[str, Any]:
    """What a notification names. `table` is the mirrored row of the registered table."""
    names = ", ".join(dict.fromkeys(one["name"] for one in update.changes if one["name"]))
    table = find_governance_table(update.registration)
    return {
        "what": str(update),
        "domain": update.registration.domain_id,
        "reason": names[:MAX_REASON_LENGTH],
        "table": table.pk if table else None,
        "is_breaking": update.is_breaking,
    }


def _lock_update(person: Person, pk: int) -> SchemaUpdate:
    """The registration first, as the deferred verb locks it."""
    seen = visible_schema_updates(person).filter(pk=pk).values_list("registration", flat=True).first()
    if seen is None:
        raise NotFoundError
    rows = Registration.objects.select_for_update(of=("self",)).select_related(*REGISTRATION_RELATED)
    registration = rows.get(pk=seen)
    update = SchemaUpdate.objects.select_for_update().get(pk=pk)
    update.registration = registration
    return update


def _read_columns(table: Table) -> Columns:
    """Without the partition keys, which Glue cannot change. One query."""
    rows = table.columns.filter(is_partition_key=False).order_by("position")
    return [{"name": one.name, "type": one.type, "comment": one.comment} for one in rows]


def list_changes(registration: Registration, before: Columns, after: Columns) -> list[TableChange]:
    facts = dict.fromkeys(COMPARED_FIELDS, "") | {"data_format": registration.data_format}
    return compare_schemas(facts, facts, _list_compared(before), _list_compared(after))


def _read_new_storage(registration: Registration, source: Table, before: dict[str, Any]) -> dict[str, Any]:
    """The source's, with what Delta's writes change as it was before: readers of Delta look it up in the files. `before` if the
    catalog says nothing of the source's storage.
    """
    found = read_storage(source)
    if not found:
        return before
    known = _parse(registration, before)
    storage = TableStorage.from_json(found)
    kept = [one for one in known.parameters if _is_ignored(one[0])]
    parameters = sorted([*(one for one in storage.parameters if not _is_ignored(one[0])), *kept])
    return {**found, "parameters": dict(parameters)}


def _list_storage_changes(
    registration: Registration, before: dict[str, Any], after: dict[str, Any]
) -> list[TableChange]:
    """All of them may break queries, but not another version of an Iceberg table."""
    if before == after:
        return []
    old, new = _parse(registration, before), _parse(registration, after)
    found = list(_compare_values("storage_changed", _list_settings(old), _list_settings(new)))
    found += _compare_values(
        "serde_parameter_changed", dict(old.serde_parameters), dict(new.serde_parameters)
    )
    found += _compare_values("parameter_changed", dict(old.lasting.parameters), dict(new.lasting.parameters))
    if old.followed != new.followed:
        was, now = (one.followed.get("metadata_location", "") for one in (old, new))
        found.append(TableChange("version_changed", "", was[:MAX_SHOWN_LENGTH], now[:MAX_SHOWN_LENGTH]))
    return found


def _has_same_lasting_storage(registration: Registration, one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether two storages are the same but for what each write to the table changes."""
    return _parse(registration, one).lasting == _parse(registration, other).lasting


def _parse(registration: Registration, storage: dict[str, Any]) -> TableStorage:
    """That of the data format where no source has said it."""
    return TableStorage.from_json(storage) if storage else get_usual_storage(registration.data_format)


def _is_ignored(name: str) -> bool:
    return name.lower() in MOVING_PARAMETERS - FOLLOWED_PARAMETERS


def _list_settings(storage: TableStorage) -> dict[str, str]:
    buckets = storage.bucketing
    return {
        "SerDe": storage.serde,
        "InputFormat": storage.input_format,
        "OutputFormat": storage.output_format,
        "Compressed": str(storage.is_compressed).lower(),
        "NumberOfBuckets": str(buckets.count) if buckets else "",
        "BucketColumns": ", ".join(buckets.columns) if buckets else "",
        "SortColumns": ", ".join(buckets.sorting) if buckets else "",
    }


def _compare_values(what: str, before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[TableChange]:
    for name in sorted({*before, *after}):
        was, now = before.get(name, ""), after.get(name, "")
        if was != now:
            shown = was[:MAX_SHOWN_LENGTH], now[:MAX_SHOWN_LENGTH]
            yield TableChange(what, name, *shown, breaking=True)


def _list_compared(columns: Iterable[Mapping[str, Any]]) -> list[ComparedColumn]:
    return [ComparedColumn(one["name"], one["type"], one["comment"], False) for one in columns]
