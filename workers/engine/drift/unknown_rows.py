"""Finds what AWS holds and this version cannot judge, in the owner's account and in those of consumers."""

from collections.abc import Iterator

from django.db.models import Exists, F, OuterRef

from fulfilment.intents.models import Intent
from fulfilment.observations.models import ScopeReading
from fulfilment.rounds.models import Scope
from identity.accounts.models import ConnectedCatalog
from lakeformation.drift.differences import Difference, find_unknown_differences
from lakeformation.observation.unknown_rows import UnknownRow
from workers.engine.intents import SETTLED_PRESENCES
from workers.engine.reading.catalog import CatalogReading


def find_unknown(catalog: ConnectedCatalog, seen: CatalogReading) -> list[Difference]:
    """Of this reading, and of the last readings of the catalog's share scopes."""
    return list(find_unknown_differences([*seen.unknown_rows, *_load_rows_of_shares(catalog)]))


def _load_rows_of_shares(catalog: ConnectedCatalog) -> Iterator[UnknownRow]:
    """Without scopes whose intents are all settled: they are not read any more."""
    mattering = Intent.objects.filter(scope_key=OuterRef("scope__key")).exclude(
        presence__in=SETTLED_PRESENCES, proven_generation=F("generation")
    )
    readings = ScopeReading.objects.filter(
        Exists(mattering), scope__catalog=catalog, scope__kind=Scope.Kind.SHARE
    )
    for told in readings.values_list("facts__unknown", flat=True):
        yield from map(UnknownRow.from_json, told or ())
