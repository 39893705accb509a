"""The round of a catalog scope: keep its permissions as AWS has them, register the locations that are needed."""

from fulfilment.models import Intent, Scope
from fulfilment.observed import place_of
from identity.models import ConnectedCatalog
from lakeformation.desired import Wish
from lakeformation.prerequisites import registrations
from lakeformation.rows import Held, normalise
from workers.aws import reads
from workers.aws.errors import AwsError
from workers.aws.sessions import client, forget
from workers.claim import Lease, hold, short_transaction
from workers.journal import Pass, keep_locations, keep_whole, new_round, store_step
from workers.send import send_all
from workers.wishes import wish_of


def catalog_round(lease: Lease) -> Pass:
    """One reading of the catalog's permissions and locations, and the registrations missing. FencedError."""
    catalog = lease.scope.catalog
    wishes = _live_wishes(catalog)
    try:
        held, registered = _read(catalog)
    except AwsError as error:
        forget(error)
        return Pass(failed=True)
    steps = registrations(wishes, registered, now=lease.now)
    with short_transaction():
        hold(lease)
        keep_whole(catalog, held, lease)
        keep_locations(catalog, registered, lease)
        if not steps:
            return Pass(wait=0.0, converged=True)
        row = new_round(lease, [])
        for position, step in enumerate(steps):
            store_step(row, position, step)
    passed = send_all(lease, row, steps, {wish.intent: wish for wish in wishes})
    _let_shares_go_on(catalog)
    return passed


def _read(catalog: ConnectedCatalog) -> tuple[Held, frozenset[str]]:
    lakeformation = client("lakeformation", account=catalog.account, role="observer", region=catalog.region)
    place = place_of(catalog)
    held = normalise(reads.permission_rows(lakeformation, place.account), place)
    return held, reads.registered_locations(lakeformation)


def _live_wishes(catalog: ConnectedCatalog) -> list[Wish]:
    intents = Intent.objects.filter(scope_key__startswith=f"share:{catalog.pk}:", ended_at__isnull=True)
    return [wish_of(intent) for intent in intents.exclude(presence=Intent.Presence.STALE).order_by("pk")]


def _let_shares_go_on(catalog: ConnectedCatalog) -> None:
    with short_transaction():
        waiting = Scope.objects.filter(catalog=catalog, kind=Scope.Kind.SHARE, lease_until__isnull=True)
        waiting.update(not_before=None)
