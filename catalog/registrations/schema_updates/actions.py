"""Find schema updates, in one transaction each. The other verbs are those of `decisions.actions`."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from catalog.mirror.models import Table
from catalog.mirror.schema_changes import (
    COMPARED_FIELDS,
    MAX_SHOWN_LENGTH,
    ComparedColumn,
    TableChange,
    compare_schemas,
)
from catalog.registrations.models import Registration
from catalog.registrations.schema_updates.kind import SCHEMA_UPDATE, describe_changes
from catalog.registrations.schema_updates.models import SchemaUpdate
from catalog.registrations.schema_updates.queries import (
    get_current_columns,
    get_current_storage,
    list_changed_registrations,
)
from catalog.registrations.sources import find_source_at, read_storage
from decisions.actions import approve_without_decider, lapse_proposal, record_request
from decisions.states import DecisionState
from lakeformation.values.registered_tables import (
    FOLLOWED_PARAMETERS,
    MOVING_PARAMETERS,
    TableStorage,
    get_usual_storage,
)

Columns = list[dict[str, str]]
"""As a registration stores them: name, type, comment."""


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
    if made is not None and made.is_breaking:
        record_request(SCHEMA_UPDATE, made, describe_changes(made))
    elif made is not None:
        approve_without_decider(kind=SCHEMA_UPDATE, row=made, data=describe_changes(made), now=now)
    return made


def _propose(registration: Registration, source: Table, now: datetime) -> SchemaUpdate | None:
    """None where nothing is new. What waits stays, if only the version of an Iceberg table has changed since."""
    before, after = get_current_columns(registration), _read_columns(source)
    storage_before = get_current_storage(registration)
    storage = _read_new_storage(registration, source, storage_before)
    waiting = registration.schema_updates.filter(state=DecisionState.WAITING).first()
    if waiting is not None and waiting.replaces == before and _holds(waiting, after, storage):
        return None
    if waiting is not None:
        lapse_proposal(kind=SCHEMA_UPDATE, row=waiting, now=now)
    moved = _list_storage_changes(registration, storage_before, storage)
    changes = [*list_changes(registration, before, after), *moved]
    last = registration.schema_updates.order_by("-pk").first()
    was_rejected = last is not None and last.state == DecisionState.REJECTED and _holds(last, after, storage)
    if not (changes and after) or was_rejected:
        return None
    return SchemaUpdate.objects.create(
        registration=registration,
        source=source,
        columns=after,
        replaces=before,
        requested_at=now,
        storage=storage,
        replaces_storage=_parse(registration, storage_before).to_json() if moved else {},
        changes=[change.to_json() for change in changes],
        is_breaking=any(change.breaking for change in changes),
    )


def _holds(update: SchemaUpdate, columns: list[dict[str, str]], storage: dict[str, Any]) -> bool:
    registration = update.registration
    kept = update.storage or registration.storage
    return update.columns == columns and _has_same_lasting_storage(registration, kept, storage)


def _read_columns(table: Table) -> Columns:
    """Without the partition keys, which Glue cannot change. One query."""
    rows = table.columns.filter(is_partition_key=False).order_by("position")
    return [{"name": row.name, "type": row.type, "comment": row.comment} for row in rows]


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
    kept = [parameter for parameter in known.parameters if _is_ignored(parameter[0])]
    parameters = sorted(
        [*(parameter for parameter in storage.parameters if not _is_ignored(parameter[0])), *kept]
    )
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
    return [ComparedColumn(column["name"], column["type"], column["comment"], False) for column in columns]
