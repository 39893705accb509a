"""What a round leaves behind: its reading, its plan with every step and entry, and how it ended."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from fulfilment import models, observed
from fulfilment.models import Entry, Intent, Observed, RegisteredLocation, Round
from identity.models import Account, ConnectedCatalog
from lakeformation.observation import Observation
from lakeformation.planning import Drift, Step
from lakeformation.rows import Held
from workers.claim import Lease, hold, short_transaction
from workers.verify import tell


@dataclass
class Pass:
    """What a pass came to. `wait`: seconds until the scope is taken again, None for back-off.

    `converged`: a complete reading found nothing left to do. `progressed`: some call went through.
    """

    wait: float | None = None
    failed: bool = False
    progressed: bool = False
    converged: bool = False
    failures: dict[int, str] = field(default_factory=dict)


def keep_observed(lease: Lease, seen: Observation, databases: list[str]) -> None:
    """Keep what was read of the owner's catalog for previews and "who has access"."""
    catalog = lease.scope.catalog
    here = observed.place_of(catalog)
    held = {
        permission: columns
        for permission, columns in seen.held.items()
        if permission.place == here and permission.database in databases
    }
    observed.store(catalog, databases, held, now=lease.now)
    keep_locations(catalog, seen.locations, lease)


def keep_whole(catalog: ConnectedCatalog, held: Held, lease: Lease) -> None:
    """Make everything stored of a catalog's permissions equal to what was just read of all of it."""
    known = set(Observed.objects.filter(catalog=catalog).values_list("database", flat=True).distinct())
    databases = known | {permission.database for permission in held}
    observed.store(catalog, sorted(databases), held, now=lease.now)


def keep_locations(catalog: ConnectedCatalog, arns: Iterable[str], lease: Lease) -> None:
    """Make the stored locations of a catalog equal to those just read."""
    known = set(RegisteredLocation.objects.filter(catalog=catalog).values_list("arn", flat=True))
    RegisteredLocation.objects.filter(catalog=catalog, arn__in=known - set(arns)).delete()
    RegisteredLocation.objects.bulk_create(
        [
            RegisteredLocation(catalog=catalog, arn=arn, seen_at=lease.now)
            for arn in sorted(set(arns) - known)
        ],
        ignore_conflicts=True,
    )


def new_round(lease: Lease, drift: Sequence[Drift]) -> Round:
    """A round of this lease, with the differences that it found."""
    return Round.objects.create(
        scope=lease.scope,
        epoch=lease.epoch,
        owner=lease.owner,
        started_at=lease.now,
        began_at=lease.began_at,
        drift=[{"kind": d.kind, "text": d.text, "intents": list(d.intents)} for d in drift],
    )


def store_step(row: Round, position: int, step: Step) -> models.Step:
    """Write one planned step with its entries."""
    account = Account.objects.get(account_id=step.place.account)
    stored = models.Step.objects.create(
        round=row,
        position=position,
        operation=step.operation,
        account_id=step.place.account,
        region=step.place.region,
        role_arn=account.executor_role_arn,
    )
    Entry.objects.bulk_create(
        Entry(
            step=stored,
            position=number,
            action=change.action,
            atom=change.atom_json(),
            intents=list(change.intents),
            resource=change.resource,
        )
        for number, change in enumerate(step.changes)
    )
    return stored


def close(lease: Lease, row: Round, passed: Pass) -> None:
    """End a round that sent its plan; each intent that failed is told why."""
    with short_transaction():
        hold(lease)
        for intent in Intent.objects.filter(pk__in=passed.failures):
            tell(intent, passed.failures[intent.pk])
        outcome = Round.Outcome.WAITING if passed.failed else Round.Outcome.SENT
        Round.objects.filter(pk=row.pk).update(outcome=outcome, finished_at=lease.now)
