"""Fills the marketplace at the demo's start: people, accounts, what the catalogs hold, products, ninety days."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

from demo.bootstrap import ROOT
from demo.supervisor.supervisor import Supervisor

PASSWORD_SECRET = "demo-password"  # noqa: S105 - the name of a file
SOURCES = ("demo/seed", "demo/bank")


def fill_marketplace(supervisor: Supervisor) -> None:
    """Once for each state of the seed's sources; later starts keep what people changed since.

    Each stage is a command of its own, so that it has its own role and connection. Django's checks ran with `migrate`.
    """
    stamp = supervisor.folder.path / "filled"
    digest = _digest()
    if stamp.exists() and stamp.read_text() == digest:
        return
    supervisor.write_line("Filling the marketplace: people and accounts")
    password = {"MESHMARKET_DEMO_PASSWORD": supervisor.folder.get_secret(PASSWORD_SECRET)}
    supervisor.run_command("seed_demo", "--people", "--skip-checks", extra_environment=password)
    supervisor.write_line("Filling the marketplace: reading both catalogs")
    supervisor.run_command("sync", "--skip-checks")
    supervisor.write_line("Filling the marketplace: data products and ninety days of requests")
    supervisor.run_command("seed_demo", "--products", "--history", "--skip-checks")
    supervisor.run_command("seed_demo", "--usage", "--skip-checks", process="worker")
    stamp.write_text(digest)


def _digest() -> str:
    found = hashlib.sha256()
    for file in _list_source_files():
        found.update(file.read_bytes())
    return found.hexdigest()


def _list_source_files() -> Iterator[Path]:
    for folder in SOURCES:
        yield from sorted((ROOT / folder).rglob("*.py"))
