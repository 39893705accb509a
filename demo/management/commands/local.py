"""`manage.py local`: the site itself on this machine, empty, for one's own AWS or a pretend one of one's own."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from demo.bootstrap import ROOT
from demo.embedded.ports import parse_port
from demo.embedded.state_folder import StateFolder
from demo.local_site import LocalSite, install_later
from demo.supervisor.exit_codes import exit_after

PORT = 8000


class Command(BaseCommand):
    help = (
        "Starts database, broker, site and workers on this machine, with real settings and nothing in them, and serves "
        "until Ctrl-C. The AWS is the one that the environment names, or with --pretend one of mocklake's. Other commands "
        "find this site once a shell has read the file `environment` in its folder."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--pretend",
            metavar="SEED",
            default="",
            help="a pretend AWS from a YAML file (mocklake/docs/seeds.md) with a long-lived role meshmarket-worker in any of its accounts",
        )
        parser.add_argument(
            "--port", type=parse_port, default=PORT, help=f"of the site (default {PORT}; 0 for any free one)"
        )
        parser.add_argument(
            "--state", type=Path, default=ROOT / ".local", help="folder of all state (default .local)"
        )

        parser.add_argument("--fresh", action="store_true", help="begin with empty state")

    def handle(self, **options: Any) -> None:
        """Exits with 0 on Ctrl-C, 2 when it cannot start."""
        exit_after(lambda: serve(options), interrupted=0)


def serve(options: dict[str, Any]) -> int:
    """Returns the exit code; leaves no process behind whatever happens."""
    seed: str = options["pretend"]
    folder = StateFolder(options["state"])
    folder.acquire()
    if options["fresh"]:
        folder.wipe()
    found = str(Path(seed).resolve()) if seed.endswith((".yaml", ".yml")) else seed
    site = LocalSite(folder, port=options["port"], write_line=write_line, seed=found)
    try:
        site.start()
        write_line(f"The site answers at {site.url}")
        write_line(f"For other commands: . {site.environment_file}")
        write_line("Ctrl-C stops everything and keeps the state.")
        install_later(site)
        site.serve()
        return 0
    finally:
        site.stop()
        folder.release()


def write_line(line: str) -> None:
    print(line, flush=True)
