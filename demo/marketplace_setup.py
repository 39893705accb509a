"""Fills the marketplace at the demo's start: people, accounts, what the catalogs hold, products, ninety days."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

from demo.bootstrap import ROOT
from demo.supervisor.command_process import CommandProcess
from demo.supervisor.supervisor import Supervisor

PASSWORD_SECRET = "demo-password"  # noqa: S105 - the name of a file
SOURCES = ("demo/seed", "demo/bank")


class MarketplaceSetup:
    """Fills it once for each state of the seed's sources; later starts keep what people changed since.

    The parts run as different database roles, so in two processes, which read their code before it is their turn.
    """

    def __init__(self) -> None:
        self._as_owner: CommandProcess | None = None

    def read_code(self, supervisor: Supervisor) -> None:
        """While the services still start."""
        if not _is_filled(supervisor):
            self._as_owner = CommandProcess(
                supervisor.folder,
                "seed-as-owner",
                supervisor.build_environment("owner"),
                supervisor.list_service_pids,
            )

    def fill(self, supervisor: Supervisor) -> None:
        if self._as_owner is None:
            return
        as_worker = CommandProcess(
            supervisor.folder,
            "seed-as-worker",
            supervisor.build_environment("worker"),
            supervisor.list_service_pids,
        )
        try:
            self._fill(supervisor, self._as_owner, as_worker)
        finally:
            self._as_owner.stop()
            as_worker.stop()
        _stamp_file(supervisor).write_text(_digest())

    @staticmethod
    def _fill(supervisor: Supervisor, as_owner: CommandProcess, as_worker: CommandProcess) -> None:
        supervisor.write_line("Filling the marketplace: people and accounts")
        password = {"MESHMARKET_DEMO_PASSWORD": supervisor.folder.get_secret(PASSWORD_SECRET)}
        as_owner.run("seed_demo", "--people", variables=password)
        supervisor.write_line("Filling the marketplace: reading both catalogs")
        as_worker.run("sync")
        supervisor.write_line("Filling the marketplace: data products and ninety days of requests")
        as_owner.run("seed_demo", "--products", "--history")
        as_worker.run("seed_demo", "--readings")


def _stamp_file(supervisor: Supervisor) -> Path:
    return supervisor.folder.path / "filled"


def _is_filled(supervisor: Supervisor) -> bool:
    stamp = _stamp_file(supervisor)
    return stamp.exists() and stamp.read_text() == _digest()


def _digest() -> str:
    found = hashlib.sha256()
    for file in _list_source_files():
        found.update(file.read_bytes())
    return found.hexdigest()


def _list_source_files() -> Iterator[Path]:
    for folder in SOURCES:
        yield from sorted((ROOT / folder).rglob("*.py"))
