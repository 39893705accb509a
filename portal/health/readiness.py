"""Whether the database has the tables that this code expects."""

from functools import cache

from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder


def count_unapplied_migrations() -> int:
    """One query. A database that is ahead, because another release was started, counts as ready."""
    applied = MigrationRecorder.Migration.objects.values_list("app", "name")
    return len(_list_known_migrations() - set(applied))


@cache
def _list_known_migrations() -> frozenset[tuple[str, str]]:
    loader = MigrationLoader(None, load=False)
    loader.load_disk()
    return frozenset(loader.disk_migrations)
