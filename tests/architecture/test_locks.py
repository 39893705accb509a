"""Advisory locks are taken by one module, which names them all: two under one name would wait for each other."""

from demo.bootstrap import ROOT
from tests.architecture.source import list_files

# The second runs before Django is set up.
MODULES = {"kernel/advisory_locks.py", "demo/embedded/database_roles.py"}


def test_one_module_takes_advisory_locks() -> None:
    found = {
        str(file.relative_to(ROOT))
        for file in list_files()
        if "advisory_" in file.read_text(encoding="utf-8").replace("kernel.advisory_locks", "")
    }
    assert found == MODULES
