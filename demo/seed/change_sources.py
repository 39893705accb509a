"""Tells the portal where each catalog's trail leaves its files, and which queue receives its events."""

from catalog.sync.models import SyncSettings
from catalog.usage.models import Trail
from demo.bank.accounts import CATALOG_PLACES
from demo.bank.change_events import build_queue_url
from demo.bank.trails import TRAILS
from identity.accounts import ConnectedCatalog


def seed_change_sources() -> int:
    """What people set otherwise stays. Returns how many trails there are."""
    for row in TRAILS:
        catalog = ConnectedCatalog.objects.get(short_name=row.catalog)
        Trail.objects.get_or_create(catalog=catalog, defaults={"bucket": row.bucket})
        queue = build_queue_url(*CATALOG_PLACES[row.catalog])
        SyncSettings.objects.get_or_create(catalog=catalog, defaults={"events_queue_url": queue})
    return len(TRAILS)
