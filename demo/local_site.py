"""The site itself on this machine, empty and with its real settings, against an AWS of one's own or a pretend one."""

import os
import shlex
import sys
from collections.abc import Callable
from pathlib import Path

from django.conf import settings

from demo.bootstrap import ROOT, is_complete, is_inside_venv
from demo.embedded.child_process import Child
from demo.embedded.state_folder import StateFolder, write_private_file
from demo.supervisor import programs
from demo.supervisor.supervisor import Supervisor

ENVIRONMENT_FILE = "environment"
"""The file of the state folder that a shell reads, so that `manage.py` speaks to this site."""
FAST_SETTINGS = {
    "MESHMARKET_CLAIM_EVERY": "0.25",
    "MESHMARKET_SWEEP_EVERY": "1",
    "MESHMARKET_SETTLE": "2",
    "MESHMARKET_VISIBILITY_DELAY": "1",
}
"""A pretend AWS shows at once what it did."""
REQUIREMENTS = "demo"


class LocalSite(Supervisor):
    """`seed` is one of mocklake's; without it the AWS is the one that the caller's environment names."""

    def __init__(
        self, folder: StateFolder, *, port: int, write_line: Callable[[str], None], seed: str = ""
    ) -> None:
        super().__init__(
            folder,
            port=port,
            write_line=write_line,
            after_migrate=[LocalSite.collect_static_files],
            during_web_start=[LocalSite.write_environment],
        )
        self.seed = seed

    def _migrate(self) -> None:
        """With Django's checks at each start, as the settings are the caller's own."""
        super()._migrate()
        self.run_command("check", "--database", "default", process="owner")

    @property
    def environment_file(self) -> Path:
        return self.folder.path / ENVIRONMENT_FILE

    @staticmethod
    def collect_static_files(site: Supervisor) -> None:
        site.run_command("collectstatic", "--noinput", process="web")

    @staticmethod
    def write_environment(site: Supervisor) -> None:
        """What this site adds to the caller's environment, as a shell's exports, for the folder's owner alone."""
        environment = site.build_environment("all")
        given = {
            name: value for name, value in os.environ.items() if name not in settings.DEFAULTED_VARIABLES
        }
        added = {name: value for name, value in environment.items() if given.get(name) != value}
        lines = [f"export {name}={shlex.quote(value)}\n" for name, value in sorted(added.items())]
        write_private_file(site.folder.path / ENVIRONMENT_FILE, "".join(lines))

    def build_environment(self, process: str) -> dict[str, str]:
        """The real settings, by plain http on this machine; AWS of the caller's only for those that act."""
        found = {
            name: value
            for name, value in super().build_environment(process).items()
            if name not in settings.DEFAULTED_VARIABLES
        }
        found |= {
            "MESHMARKET_SECRET_KEY": self.folder.get_secret("django-secret-key"),
            **(FAST_SETTINGS if self.seed else {}),
        }
        if process in {"worker", "all"} and not self.seed:
            own = {name: value for name, value in os.environ.items() if name.startswith("AWS_")}
            found = {name: value for name, value in found.items() if not name.startswith("AWS_")} | own
        static = str(self.folder.path / "static")
        return found | {
            "DJANGO_SETTINGS_MODULE": "marketplace.settings",
            "MESHMARKET_SECURE_COOKIES": "false",
            "MESHMARKET_SECOND_GOVERNOR": os.environ.get("MESHMARKET_SECOND_GOVERNOR", "off"),
            "MESHMARKET_STATIC_ROOT": static,
        }

    def build_aws_environment(self) -> dict[str, str]:
        """With a pretend AWS also where its control token lies; of another AWS the caller's environment tells."""
        if not self.seed:
            return {}
        return {**super().build_aws_environment(), "MOCKLAKE_STATE": str(self.folder.path / "aws")}

    def launch_aws(self) -> None:
        if self.seed:
            super().launch_aws()

    def start_mail(self) -> None:
        """None: the caller's environment names a mail server, or nobody gets mail."""

    def build_mocklake_arguments(self) -> list[str]:
        return programs.build_mocklake_arguments(self.folder, self.aws_port, self.seed)


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
