"""`migrate`, which then gives the database roles their rights."""

from typing import Any

from django.core.management.commands import migrate

from audit.database_rights import apply_rights


class Command(migrate.Command):
    help = f"{migrate.Command.help} Then gives the database roles what audit/database_rights.toml lists."

    def handle(self, *args: Any, **options: Any) -> None:
        super().handle(*args, **options)
        if not options["plan"]:
            apply_rights(options["database"])
