"""Approved tag changes in the round of a catalog's scope: read, planned, proven, and repaired when somebody changed them."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from catalog.mirror.glue_parser import parse_tags
from catalog.mirror.models import Table
from catalog.sync.database_writer import store_tag_keys
from catalog.sync.models import SyncRun
from catalog.tag_changes.mirror_lag import list_unmirrored, list_unmirrored_definitions
from fulfilment.intents.models import Intent
from fulfilment.rounds import Round
from identity.accounts import ConnectedCatalog
from kernel.clock import now as database_now
from lakeformation.drift import Difference, DifferenceKind
from lakeformation.planning.changes import Step
from lakeformation.planning.tag_changes import (
    AssignedTags,
    TagOrder,
    list_open_assignments,
    list_open_definitions,
    plan_tag_changes,
)
from lakeformation.tagging import (
    TagAssignment,
    TagDefinition,
    TagTarget,
    assignments_from_json,
    compute_outcome,
    definitions_from_json,
)
from lakeformation.values.permissions import DataCatalog
from workers.aws.calls import read_all_rows
from workers.aws.errors import read_or_none
from workers.aws.reads import TAG_PAGE_SIZE
from workers.aws.sessions import get_client
from workers.engine.catalog_reading import read_creation_times
from workers.engine.claim import Lease, lock_scope, short_transaction
from workers.engine.proofs import Proof, is_proven_present, store_proofs
from workers.engine.round_records import create_round, finish_round
from workers.engine.unjustified_intents import refuse_unjustified_removals

OUTDATED = (
    "Tags, columns or tables have changed in AWS since this was approved. Nothing was sent: propose it again."
)


@dataclass
class TagRound:
    """What a round found of tag changes: `steps` to send, `differences` of proven ones, `proofs` that need no call.
    `values` are those of each key, where they were read. `has_refused`: one of them is not justified.
    """

    steps: list[Step] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)
    proofs: list[Proof] = field(default_factory=list)
    values: Mapping[str, Collection[str]] = field(default_factory=dict)
    has_refused: bool = False


def read_tag_changes(lease: Lease) -> TagRound:
    """No call where all is proven and the mirror shows it. AwsError when something could not be read."""
    catalog = lease.scope.catalog
    rows = Intent.objects.filter(
        scope_key=lease.scope.key, kind=Intent.Kind.CLASSIFICATION, ended_at=None
    ).exclude(presence=Intent.Presence.STALE)
    intents = {row.pk: row for row in rows.order_by("pk")}
    orders = build_orders(catalog, intents)
    due = {pk for pk, one in intents.items() if not is_proven_present(one)}
    due |= {one.intent for one in orders if list_unmirrored(catalog, one.assignments)}
    due |= {one.intent for one in orders if list_unmirrored_definitions(catalog, one.definitions)}
    due = {pk for pk in due if not _is_replaced_and_proven(intents[pk])}
    if not due:
        return TagRound()
    refused = refuse_unjustified_removals(lease, {pk: intents[pk] for pk in due})
    chosen = [one for one in orders if one.intent in due and one.intent not in refused]
    targets = {assignment.target for order in chosen for assignment in order.assignments}
    first = [intents[one.intent] for one in chosen if intents[one.intent].evidence_id is None]
    expected = [row for intent in first for row in intent.wanted["outcome"]]
    targets |= {TagTarget(row["database"], row["table"]) for row in expected}
    targets |= {TagTarget(row["database"]) for row in expected}
    defines = any(one.definitions for one in chosen)
    tags = _read_assigned_tags(catalog, targets, reads_values=defines)
    created = read_creation_times(catalog, {(row["database"], row["table"]) for row in expected})
    found = TagRound(values=tags.values if defines else {})
    outdated = {one.pk for one in first if not _has_expected_outcome(one, tags, created)}
    found.proofs += [Proof(intents[pk], Intent.Presence.STALE, None, OUTDATED) for pk in sorted(outdated)]
    current = [one for one in chosen if one.intent not in outdated]
    place = DataCatalog(catalog.account.account_id, catalog.region)
    found.steps = plan_tag_changes(current, tags, place)
    for order in current:
        # A proof where nothing is open; a difference where something is that was proven before.
        intent = intents[order.intent]
        open_ones = list_open_assignments(order, tags)
        undefined = list_open_definitions(order, tags)
        if not open_ones and not undefined:
            is_replaced = not order.assignments and not order.definitions
            presence = Intent.Presence.ABSENT if is_replaced else Intent.Presence.PRESENT
            if (intent.presence, intent.proven_generation) != (presence, intent.generation):
                found.proofs.append(Proof(intent, presence, usable=None, failure=""))
        elif is_proven_present(intent):
            found.differences += [_build_difference(order, open_one, tags) for open_one in open_ones]
            found.differences += [_build_definition_difference(order, one) for one in undefined]
    found.has_refused = bool(refused)
    return found


def _is_replaced_and_proven(intent: Intent) -> bool:
    return intent.presence == Intent.Presence.ABSENT and intent.is_proven


def build_orders(catalog: ConnectedCatalog, intents: Mapping[int, Intent]) -> list[TagOrder]:
    """What each intent still answers for: the latest assigns and defines, and a table that was made anew is another table."""
    defined = _keep_latest_definitions(intents)
    latest: dict[tuple[TagTarget, str], int] = {}
    for pk, intent in intents.items():
        for assignment in assignments_from_json(intent.wanted["assignments"]):
            latest[assignment.target, assignment.key] = pk
    # Tables of proven intents that the mirror knows as other tables by now.
    proven = [one for one in intents.values() if one.evidence_id is not None]
    told = [(one.pk, row) for one in proven for row in one.wanted["outcome"]]
    rows = Table.objects.filter(
        database__catalog=catalog, tombstoned_at=None, database__name__in={row["database"] for _, row in told}
    )
    live = {
        (database, table): created
        for database, table, created in rows.values_list("database__name", "name", "glue_created_at")
    }
    recreated = {
        (pk, row["database"], row["table"])
        for pk, row in told
        if live.get((row["database"], row["table"]), row["created"]) != row["created"]
    }
    return [
        TagOrder(
            pk,
            defined[pk],
            tuple(
                one
                for one in assignments_from_json(intent.wanted["assignments"])
                if latest[one.target, one.key] == pk
                and (pk, one.target.database, one.target.table) not in recreated
            ),
        )
        for pk, intent in intents.items()
    ]


def _keep_latest_definitions(intents: Mapping[int, Intent]) -> dict[int, tuple[TagDefinition, ...]]:
    """For each intent, the values on which no later one says otherwise."""
    told = {pk: definitions_from_json(intent.wanted["definitions"]) for pk, intent in intents.items()}
    latest = {
        (row.key, value): pk
        for pk, rows in told.items()
        for row in rows
        for value in (*row.values, *row.removed)
    }

    def keep(pk: int, key: str, values: Iterable[str]) -> tuple[str, ...]:
        return tuple(value for value in values if latest[key, value] == pk)

    kept = {
        pk: [
            TagDefinition(row.key, keep(pk, row.key, row.values), removed=keep(pk, row.key, row.removed))
            for row in rows
        ]
        for pk, rows in told.items()
    }
    return {pk: tuple(row for row in rows if row.values or row.removed) for pk, rows in kept.items()}


def _has_expected_outcome(intent: Intent, tags: AssignedTags, created: Mapping[tuple[str, str], str]) -> bool:
    """Whether the effective tags after the change are exactly the approved ones, by what AWS says is assigned now."""
    assignments = assignments_from_json(intent.wanted["assignments"])
    if any(assignment.target in tags.missing for assignment in assignments):
        return False
    return all(
        created.get((row["database"], row["table"])) == row["created"]
        and compute_outcome(tags.own, assignments, row) == row
        for row in intent.wanted["outcome"]
    )


def _build_difference(order: TagOrder, assignment: TagAssignment, tags: AssignedTags) -> Difference:
    now = tags.own.get(assignment.target, {}).get(assignment.key)
    is_now = f"is {now}" if now else "is not assigned"
    approved = f"{assignment.value} was approved" if assignment.value else "its parent's value was approved"
    text = f"LF-Tag {assignment.key} of {assignment.target.name} {is_now}; {approved}"
    subject = f"{assignment.target.name} {assignment.key}"
    return Difference(
        DifferenceKind.TAGS_CHANGED,
        "",
        assignment.target.database,
        assignment.target.table,
        text,
        (order.intent,),
        subject=subject,
    )


def _build_definition_difference(order: TagOrder, definition: TagDefinition) -> Difference:
    words = [f"lacks {', '.join(definition.values)}"] if definition.values else []
    words += [f"still has {', '.join(definition.removed)}"] if definition.removed else []
    text = f"LF-Tag {definition.key} {' and '.join(words)}"
    return Difference(
        DifferenceKind.TAGS_CHANGED, "", "", "", text, (order.intent,), subject=f"LF-Tag {definition.key}"
    )


def prove_tag_changes(lease: Lease, found: TagRound, row: Round | None) -> None:
    """Store the proofs and the read values, and have the mirror read what was tagged."""
    if found.values:
        with short_transaction(rows=len(found.values)):
            lock_scope(lease)
            store_tag_keys(lease.scope.catalog, found.values, lease.now)
    if not found.proofs:
        return
    with short_transaction(rows=len(found.proofs)):
        lock_scope(lease)
        evidence = row or create_round(lease, [])
        if row is None:
            finish_round(evidence, Round.Outcome.CONVERGED)
        store_proofs(found.proofs, evidence, now=lease.now)
        proven = [proof.intent for proof in found.proofs if proof.presence == Intent.Presence.PRESENT]
        wanted = [row for intent in proven for row in assignments_from_json(intent.wanted["assignments"])]
        for name in sorted({one.target.database for one in list_unmirrored(lease.scope.catalog, wanted)}):
            waiting = SyncRun.objects.filter(
                catalog=lease.scope.catalog, database=name, started_at=None, outcome=SyncRun.Outcome.RUNNING
            )
            if not waiting.exists():
                SyncRun.objects.create(
                    catalog=lease.scope.catalog, database=name, requested_at=database_now()
                )


def _read_assigned_tags(
    catalog: ConnectedCatalog, targets: Iterable[TagTarget], *, reads_values: bool
) -> AssignedTags:
    """One call for each database and each table, whatever the number of its columns. AwsError."""
    aws = get_client("lakeformation", account=catalog.account, role="observer", region=catalog.region)
    wanted = set(targets)
    own: dict[TagTarget, dict[str, str]] = {}
    missing = set()
    for place in sorted({TagTarget(one.database, one.table) for one in wanted}):
        tags = _read_own_tags(aws, catalog.account.account_id, place)
        if tags is None:
            missing |= {one for one in wanted if (one.database, one.table) == (place.database, place.table)}
        else:
            own |= tags
    if reads_values:
        asked = {"CatalogId": catalog.account.account_id, "MaxResults": TAG_PAGE_SIZE}
        rows = read_all_rows(aws.list_lf_tags, "LFTags", asked)
        values = {
            row["TagKey"].lower(): frozenset(value.lower() for value in row["TagValues"]) for row in rows
        }
    else:
        values = {}
    return AssignedTags(values, own, frozenset(missing))


def _read_own_tags(aws: Any, catalog_id: str, place: TagTarget) -> dict[TagTarget, dict[str, str]] | None:
    """None where there is no such table or database."""
    resource: dict[str, Any] = {"Database": {"CatalogId": catalog_id, "Name": place.database}}
    if place.table:
        table = {"CatalogId": catalog_id, "DatabaseName": place.database, "Name": place.table}
        resource = {"Table": table}
    asked = {"CatalogId": catalog_id, "Resource": resource, "ShowAssignedLFTags": True}
    answer = read_or_none(lambda: dict(aws.get_resource_lf_tags(**asked)))
    if answer is None:
        return None
    if not place.table:
        return {place: parse_tags(answer.get("LFTagOnDatabase"))}
    columns = {
        TagTarget(place.database, place.table, row["Name"].lower()): parse_tags(row.get("LFTags"))
        for row in answer.get("LFTagsOnColumns") or ()
    }
    return {place: parse_tags(answer.get("LFTagsOnTable")), **columns}
