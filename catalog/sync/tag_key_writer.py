"""Writes the mirrored LF-Tag keys."""

from collections.abc import Collection, Mapping
from datetime import datetime

from catalog.mirror.models import TagKey
from identity.accounts import ConnectedCatalog


def store_tag_keys(
    catalog: ConnectedCatalog, values_by_key: Mapping[str, Collection[str]], now: datetime
) -> None:
    """The values of each key of a complete list; what the list does not have becomes a tombstone. Writes differences only."""
    live = TagKey.objects.filter(catalog=catalog, tombstoned_at=None)
    known = dict(live.values_list("key", "values"))
    rows = [
        TagKey(catalog=catalog, key=key, values=sorted(values), read_at=now)
        for key, values in sorted(values_by_key.items())
        if known.get(key) != sorted(values)
    ]
    TagKey.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["catalog", "key"],
        update_fields=["values", "read_at", "tombstoned_at"],
    )
    live.exclude(key__in=list(values_by_key)).update(tombstoned_at=now)
