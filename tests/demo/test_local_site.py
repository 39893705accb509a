"""The site by itself: real settings, its state folder's addresses, AWS for those that act and for nobody else."""

import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from demo.embedded.postgres import URL_VARIABLES
from demo.embedded.state_folder import StateFolder
from demo.local_site import LocalSite


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Iterator[LocalSite]:
    """Against the AWS that the environment names, as `AKIAMINE`; the demo's settings have added a value of theirs."""
    settings.DEFAULTED_VARIABLES = frozenset({"MESHMARKET_VISIBILITY_DELAY"})
    monkeypatch.setenv("MESHMARKET_VISIBILITY_DELAY", "1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAMINE")
    monkeypatch.setenv("AWS_PROFILE", "mesh")
    folder = StateFolder(tmp_path / "state")
    folder.acquire()
    site = LocalSite(folder, port=8000, write_line=print)
    site.service_urls = {name: f"postgres:///{name.lower()}" for name in URL_VARIABLES}
    yield site
    folder.release()


def test_those_that_act_have_the_callers_aws_and_nothing_of_the_demos(site: LocalSite) -> None:
    found = site.build_environment("worker")
    own = {name: value for name, value in found.items() if name.startswith("AWS_")}
    assert (own["AWS_ACCESS_KEY_ID"], own["AWS_PROFILE"]) == ("AKIAMINE", "mesh")
    assert "AWS_ENDPOINT_URL" not in own
    assert "AWS_CONFIG_FILE" not in own
    assert "MESHMARKET_VISIBILITY_DELAY" not in found


def test_the_web_has_no_aws_and_its_own_database_role_alone(site: LocalSite) -> None:
    found = site.build_environment("web")
    assert not {"AWS_ACCESS_KEY_ID", "AWS_PROFILE"} & found.keys()
    assert {name for name in found if name in URL_VARIABLES} == {"DATABASE_URL"}


def test_every_process_has_the_real_settings(site: LocalSite) -> None:
    assert {
        site.build_environment(one)["DJANGO_SETTINGS_MODULE"] for one in ("web", "worker", "owner", "all")
    } == {"marketplace.settings"}


def test_a_shell_reads_the_addresses_and_nobody_else_may(site: LocalSite) -> None:
    LocalSite.write_environment(site)
    assert stat.S_IMODE(site.environment_file.stat().st_mode) == 0o600
    script = f". '{site.environment_file}'; echo $WORKER_DATABASE_URL $MESHMARKET_SECURE_COOKIES"
    told = subprocess.run(["sh", "-euc", script], check=True, capture_output=True, text=True)
    assert told.stdout == "postgres:///worker_database_url false\n"
