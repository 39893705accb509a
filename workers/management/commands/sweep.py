"""The truth behind the bell: a plain process that needs no broker."""

import logging
import threading
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.db import Error, connections

from audit.sealing import seal_pending
from workers.converge import converge
from workers.expire import expire_due
from workers.sync import pick_requested_sync, sync_catalog

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Expire grants, run what is due, read catalogs that were asked for, seal the audit events."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="one pass, then end")

    def handle(self, *_args: Any, **options: Any) -> None:
        if options["once"]:
            sweep()
            seal_all()
            return
        stop = threading.Event()
        threading.Thread(target=_seal_for_ever, args=[stop], name="sealer", daemon=True).start()
        try:
            _sweep_for_ever(stop)
        finally:
            stop.set()


def sweep() -> None:
    """One pass over everything that rows ask for."""
    expire_due()
    while run := pick_requested_sync():
        sync_catalog(run)
    converge()


def seal_all() -> None:
    """Seal until nothing waits."""
    using = "sealer" if "sealer" in connections else "default"
    while seal_pending(using=using):
        pass


def _sweep_for_ever(stop: threading.Event) -> None:
    while not stop.wait(settings.SWEEP_EVERY):
        try:
            sweep()
        except Error as error:
            _start_anew("sweep", error)


def _seal_for_ever(stop: threading.Event) -> None:
    while not stop.wait(settings.SEAL_EVERY):
        try:
            seal_all()
        except Error as error:
            _start_anew("sealer", error)


def _start_anew(what: str, error: Error) -> None:
    """PostgreSQL was restarted or the lock was taken: nothing is lost, the next pass does it."""
    logger.warning("%s: %s; trying again", what, error)
    connections.close_all()
