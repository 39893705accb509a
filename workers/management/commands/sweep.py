"""`manage.py sweep`: a plain process that needs no broker."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from workers.sweep import seal_all, sweep, sweep_for_ever


class Command(BaseCommand):
    help = "Ends what has run out, reads catalogs that were asked for, runs what is due, seals audit events."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="one pass, then end")

    def handle(self, *_args: Any, **options: Any) -> None:
        if options["once"]:
            sweep()
            seal_all()
        else:
            sweep_for_ever()
