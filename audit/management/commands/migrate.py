"""`migrate`, which refuses databases that its migrations did not make, and gives the database roles their rights."""

from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.core.management.commands import migrate
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.executor import MigrationExecutor

from audit.database_rights import apply_rights, list_replaced_migrations

GOVERNOR_RULE_SQL = """
DO $$
BEGIN
  IF to_regprocedure('identity_lone_governor_suffices()') IS NOT NULL THEN
    CREATE OR REPLACE FUNCTION identity_lone_governor_suffices() RETURNS boolean LANGUAGE sql STABLE AS 'SELECT {}';
  END IF;
END $$"""


class Command(migrate.Command):
    help = f"{migrate.Command.help} Then gives the database roles what audit/database_rights.toml lists."

    def handle(self, *args: Any, **options: Any) -> None:
        if replaced := list_replaced_migrations(connections[options["database"]]):
            app, name = replaced[0]
            raise CommandError(
                f"This database was made by migrations that this version does not have ({app}.{name}), and was not changed. "
                "Migrate an empty database instead; manage.py demo and manage.py local make one with --fresh."
            )
        super().handle(*args, **options)
        if options["plan"]:
            return
        # Where a migration was named, the rights may be of tables that only come later.
        executor = MigrationExecutor(connections[options["database"]])
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            self.stdout.write("The rights of the database roles follow when every migration is applied.")
            return
        apply_rights(options["database"])
        store_governor_rule(connections[options["database"]])


def store_governor_rule(connection: BaseDatabaseWrapper) -> None:
    """Whether one governor is enough, for the database's own check: the web cannot change it."""
    is_enough = "false" if settings.SECOND_GOVERNOR == "required" else "true"
    with connection.cursor() as cursor:
        cursor.execute(GOVERNOR_RULE_SQL.format(is_enough))
