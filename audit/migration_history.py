"""Whether a database was made by the migrations that are here."""

from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

Migration = tuple[str, str]
"""App and name."""


def list_replaced_migrations(connection: BaseDatabaseWrapper) -> list[Migration]:
    """Applied migrations of our apps in whose place there are others now, in order of name.

    What comes after the last one known is no such case: it is of a later version.
    """
    loader = MigrationLoader(None, load=False)
    loader.load_disk()
    known = set(loader.disk_migrations)
    ours = {config.label for config in apps.get_app_configs() if Path(config.path).parent == settings.ROOT}
    latest = {app: max(name for other, name in known if other == app) for app, _ in known if app in ours}
    applied = MigrationRecorder(connection).applied_migrations()
    return sorted(
        (app, name) for app, name in set(applied) - known if app in latest and name[:4] <= latest[app][:4]
    )
