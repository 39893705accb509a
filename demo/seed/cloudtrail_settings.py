"""Tells the portal where the trails of the bank's catalogs leave their files."""

from catalog.usage.models import Trail
from demo.bank.trails import TRAILS
from identity.accounts.models import ConnectedCatalog


def seed_trails() -> int:
    """What people set otherwise stays. Returns how many there are."""
    for row in TRAILS:
        catalog = ConnectedCatalog.objects.get(short_name=row.catalog)
        Trail.objects.get_or_create(catalog=catalog, defaults={"bucket": row.bucket})
    return len(TRAILS)
