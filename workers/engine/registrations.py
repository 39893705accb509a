"""Registered tables: read, planned and proven in the round of the catalog's scope."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from django.db.models import F, Q

from catalog.sync.runs import request_reading
from fulfilment.intents.actions import share_scope_key
from fulfilment.intents.models import Intent
from fulfilment.rounds import Round
from identity.accounts import ConnectedCatalog
from lakeformation.observation.registered_names import ObservedDatabase, ObservedNames, ObservedTable
from lakeformation.planning.catalog_plan import RegistrationPlan, RegistrationSpec, plan_registered_tables
from lakeformation.planning.changes import DriftReport
from lakeformation.values.registered_tables import RegisteredTable
from workers.aws.glue import GlueReader
from workers.engine.catalog_reading import CatalogReading
from workers.engine.claim import Lease, lock_scope, short_transaction
from workers.engine.proofs import Proof, changes_intent, is_proven_present, store_proofs, write_failures
from workers.engine.round_records import create_round, finish_round
from workers.engine.unjustified_intents import refuse_unjustified_removals

NOTHING_DELETED = "Nothing was deleted: the table, its database and its location stay in the catalog."


@dataclass(frozen=True)
class RegistrationRound:
    """The registrations of a catalog scope, by intent, with their plan. `refused`: nobody approved them."""

    intents: Mapping[int, Intent]
    plan: RegistrationPlan
    refused: frozenset[int]

    @property
    def needs_attention(self) -> bool:
        """Whether something is in the way that only a person can clear: such a scope backs off."""
        return bool(self.refused or self.plan.problems)

    @property
    def drift(self) -> list[DriftReport]:
        """What was proven and is no longer so."""
        proven = {pk for pk, intent in self.intents.items() if is_proven_present(intent)}
        reports = [
            DriftReport("missing", f"{text}; it is left as it is", (pk,))
            for pk, text in sorted(self.plan.problems.items())
            if pk in proven
        ]
        for change in (change for step in self.plan.steps for change in step.changes):
            if lost := tuple(pk for pk in change.intents if pk in proven):
                what = "IAMAllowedPrincipals holds" if change.action == "revoke" else "AWS no longer has"
                reports.append(DriftReport("missing", f"{what} {change.resource}; repairing it", lost))
        return reports


def load_registrations(scope_key: str) -> dict[int, Intent]:
    """Live registrations of tables, and ended ones that are not proven yet, by id."""
    intents = Intent.objects.filter(scope_key=scope_key, kind=Intent.Kind.REGISTRATION)
    mattering = intents.filter(Q(ended_at=None) | ~Q(proven_generation=F("generation")))
    return {intent.pk: intent for intent in mattering.order_by("pk")}


def read_registrations(lease: Lease) -> tuple[dict[int, Intent], ObservedNames]:
    """Registrations that still matter, and what Glue has under their names. AwsError if any part is not read."""
    intents = load_registrations(lease.scope.key)
    return intents, read_registered_names(lease.scope.catalog, intents.values())


def read_registered_names(catalog: ConnectedCatalog, intents: Iterable[Intent]) -> ObservedNames:
    """What Glue has under the names of live registrations. AwsError if any part is not read."""
    wanted = [RegisteredTable.from_json(intent.wanted) for intent in intents if intent.ended_at is None]
    if not wanted:
        return ObservedNames()
    glue = GlueReader(catalog.account, catalog.region)
    databases = glue.find_databases({one.database for one in wanted})
    tables = {
        (one.database, one.name): row
        for one in wanted
        if one.database in databases and (row := glue.find_table(one.database, one.name)) is not None
    }
    return ObservedNames(
        {name: ObservedDatabase.from_glue(row) for name, row in databases.items()},
        {name: ObservedTable.from_glue(row) for name, row in tables.items()},
    )


def plan_registrations_of_round(
    lease: Lease, intents: Mapping[int, Intent], names: ObservedNames, reading: CatalogReading
) -> RegistrationRound:
    """Plan what live registrations need. For one that nobody approved nothing is sent."""
    live = {pk: one for pk, one in intents.items() if one.ended_at is None}
    refused = refuse_unjustified_removals(lease, live)
    specs = [
        RegistrationSpec(
            pk,
            RegisteredTable.from_json(one.wanted),
            one.ended_at,
            is_proven_present(one),
            was_proven=one.evidence_id is not None,
        )
        for pk, one in intents.items()
        if pk not in refused
    ]
    plan = plan_registered_tables(specs, names, frozenset(reading.locations), reading.held)
    return RegistrationRound({spec.intent_id: intents[spec.intent_id] for spec in specs}, plan, refused)


def prove_registrations(lease: Lease, registering: RegistrationRound, row: Round | None) -> None:
    """Store what the reading proves, and why the others are not proven: *present* is what needs no change, *absent* what
    ended, as the portal keeps nothing of it any more. The mirror reads what has become present.
    """
    plan = registering.plan
    reasons = [(registering.intents[pk], why) for pk, why in sorted(plan.problems.items())]
    proofs = [
        _build_proof(intent)
        for pk, intent in sorted(registering.intents.items())
        if pk not in plan.affected_intents
    ]
    news = [proof for proof in proofs if changes_intent(proof)]
    if not (news or reasons):
        return
    with short_transaction(rows=len(news) + len(reasons)):
        lock_scope(lease)
        write_failures(reasons)
        if news:
            evidence = row or create_round(lease, [])
            if row is None:
                finish_round(evidence, Round.Outcome.CONVERGED)
            store_proofs(news, evidence, now=lease.now)
            # Of the databases with tables that are now as registered, so that people find them before the
            # next scheduled sync.
            present = (
                one.intent.wanted["database"] for one in news if one.presence == Intent.Presence.PRESENT
            )
            for database in sorted(set(present)):
                request_reading(catalog_id=lease.scope.catalog_id, database=database, now=lease.now)


def _build_proof(intent: Intent) -> Proof:
    if intent.ended_at is None:
        return Proof(intent, Intent.Presence.PRESENT, usable=None, failure="")
    return Proof(intent, Intent.Presence.ABSENT, usable=None, failure="", evidence=NOTHING_DELETED)


def list_waiting_scope_keys(catalog_id: int, done: Collection[int]) -> set[str]:
    """Keys of the share scopes in which the producers of these registrations wait for their tables."""
    intents = Intent.objects.filter(pk__in=done, kind=Intent.Kind.REGISTRATION)
    return {
        share_scope_key(catalog_id, one["access"]["consumer"])
        for one in intents.values_list("effects", flat=True)
    }
