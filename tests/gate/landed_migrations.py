"""The list of landed migrations, with their SQL. `.venv/bin/python -m tests.gate.landed_migrations` adds what is new."""

import hashlib
import sys
from pathlib import Path

from demo.bootstrap import ROOT

LIST = Path(__file__).with_name("landed_migrations.sha256")
PATTERNS = ("*/migrations/0*.py", "*/migrations/sql/*.sql")


def read_list(file: Path = LIST) -> dict[str, str]:
    """Digests by path, as `sha256sum` writes them."""
    pairs = (line.split("  ", 1) for line in file.read_text().splitlines())
    return {path: digest for digest, path in pairs}


def compute_digests(root: Path = ROOT) -> dict[str, str]:
    found = sorted(file for pattern in PATTERNS for file in root.glob(pattern))
    return {str(file.relative_to(root)): hashlib.sha256(file.read_bytes()).hexdigest() for file in found}


def list_changed(landed: dict[str, str], found: dict[str, str]) -> list[str]:
    """Landed files that were changed or deleted."""
    return [path for path, digest in landed.items() if found.get(path) != digest]


def list_new(landed: dict[str, str], found: dict[str, str]) -> list[str]:
    return [path for path in found if path not in landed]


def add_new() -> None:
    """Leaves every line that is there as it is."""
    found = compute_digests()
    with LIST.open("a") as file:
        file.writelines(f"{found[path]}  {path}\n" for path in list_new(read_list(), found))


if __name__ == "__main__":
    add_new()
    sys.exit(
        "\n".join(
            f"{path} has landed and is not as it was" for path in list_changed(read_list(), compute_digests())
        )
    )
