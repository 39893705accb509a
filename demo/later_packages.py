"""Installs what the first minute did not need, beside the running site."""

import sys

from demo.bootstrap import ROOT, is_complete, is_inside_venv
from demo.embedded.child_process import Child
from demo.supervisor.supervisor import Supervisor

REQUIREMENTS = "demo"


def install_later(supervisor: Supervisor) -> None:
    """Returns at once; what fails is said in one line and tried again at the next start. Only from the main thread."""
    if is_complete(REQUIREMENTS) or not is_inside_venv():
        return
    supervisor.write_line("Installing the rest of the packages; until then no Parquet files can be written")
    child = Child(
        "installation",
        [sys.executable, "-m", "demo.bootstrap", REQUIREMENTS],
        log=supervisor.folder.log_file("installation"),
        folder=ROOT,
    )
    supervisor.start_errand(child, "All packages are installed")
