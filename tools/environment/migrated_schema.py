"""The migrated schema in an empty database, from the dump where there is one."""

from collections.abc import Callable

from demo.embedded import schema


def create_schema(superuser_url: str, migrate: Callable[[], object]) -> None:
    """Reads the dump back, or migrates by `migrate` and keeps a dump for the next run."""
    if not schema.restore_dump(superuser_url):
        migrate()
        schema.store_dump(superuser_url)
