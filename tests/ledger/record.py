"""The ledger: processor seconds of each test file and shared fixture as last recorded, and the budgets they have."""

import tomllib
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LEDGER_FILE = Path(__file__).with_name("ledger.toml")
BUDGETS_FILE = Path(__file__).with_name("budgets.toml")
RENEWED_SHARE, RENEWED_SECONDS = 0.2, 1.0
"""A renewal leaves what differs by less, so that two branches rarely change the same line."""
HEADING = """\
# Processor seconds of each test file: the test process, its sessions at PostgreSQL and the processes it starts.
# python3 manage.py test --all --renew-ledger writes them. How to read them: CONTRIBUTING.md.
"""


@dataclass
class Ledger:
    files: dict[str, float] = field(default_factory=dict)
    fixtures: dict[str, float] = field(default_factory=dict)

    def renew(self, measured: "Ledger", *, whole: bool) -> "Ledger":
        """`whole` when every test ran: what was not measured is then no longer there."""
        return Ledger(
            renew_seconds(self.files, measured.files, whole=whole),
            renew_seconds(self.fixtures, measured.fixtures, whole=whole),
        )

    def format(self) -> str:
        sections = (("files", self.files), ("fixtures", self.fixtures))
        return HEADING + "".join(
            f"\n[{name}]\n"
            + "".join(f'"{key}" = {seconds:.1f}\n' for key, seconds in sorted(entries.items()))
            for name, entries in sections
        )


def renew_seconds(old: dict[str, float], new: dict[str, float], *, whole: bool) -> dict[str, float]:
    kept = {name: seconds for name, seconds in old.items() if not whole or name in new}
    changed = {
        name: seconds for name, seconds in new.items() if name not in old or has_changed(old[name], seconds)
    }
    return {**kept, **changed}


def has_changed(old: float, new: float) -> bool:
    return abs(new - old) > max(RENEWED_SECONDS, RENEWED_SHARE * old)


def read_ledger(file: Path = LEDGER_FILE) -> Ledger:
    with file.open("rb") as content:
        read = tomllib.load(content)
    return Ledger(read.get("files", {}), read.get("fixtures", {}))


@dataclass(frozen=True)
class Budgets:
    """In processor seconds. A run fails beyond `failing` times its budget."""

    suite: float
    file: float
    failing: float
    named: dict[str, tuple[float, str]] = field(default_factory=dict)
    """Files with a budget of their own, and the reason."""

    def get_file_budget(self, name: str) -> float:
        return self.named[name][0] if name in self.named else self.file


def read_budgets(file: Path = BUDGETS_FILE) -> Budgets:
    with file.open("rb") as content:
        read = tomllib.load(content)
    named = {name: (entry["seconds"], entry["reason"]) for name, entry in read.get("named", {}).items()}
    return Budgets(read["suite"], read["file"], read["failing"], named)
