"""`manage.py sync`: read the connected catalogs, or one of them, into the mirror."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from catalog.sync.models import SyncRun
from identity.accounts import ConnectedCatalog
from workers.sync.runs import sync_catalogs, update_word_counts


class Command(BaseCommand):
    help = (
        "Read the connected Glue catalogs into the mirror. Each sync reads all pages, of 100 tables or one database: "
        "MESHMARKET_READ_BURST at once, then MESHMARKET_READS_PER_SECOND."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--catalog", metavar="SHORT_NAME", help="only this one")

    def handle(self, *_args: Any, catalog: str | None = None, **_options: Any) -> None:
        connected_catalogs = ConnectedCatalog.objects.select_related("account").order_by("pk")
        found = list(connected_catalogs.filter(short_name=catalog) if catalog else connected_catalogs)
        if catalog and not found:
            raise CommandError(f"No connected catalog is named {catalog!r}.")
        runs = sync_catalogs(found)
        update_word_counts()
        for run in runs:
            self.stdout.write(f"{run.catalog.short_name}: {_describe_run(run)}")
        if any(run.outcome == SyncRun.Outcome.FAILED for run in runs):
            raise CommandError("Not everything could be read.")


def _describe_run(run: SyncRun) -> str:
    counted = f"{run.databases} databases, {run.tables} tables, {run.changed} changed, {run.tombstoned} gone"
    # Of several catalogs the first one reads the roles for all.
    counted += f", {run.principals} roles" if run.principals else ""
    held = f"; {run.held} that would be removed wait for a person" if run.held else ""
    return f"{counted}{held}; {run.error}" if run.error else f"{counted}{held}"
