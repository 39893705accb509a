"""The site by itself: real settings, its state folder's addresses, AWS for those that act and for nobody else."""

import json
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from demo.embedded.child_process import EmbeddedError
from demo.embedded.postgres import URL_VARIABLES
from demo.embedded.state_folder import StateFolder
from demo.local_site import LocalSite
from demo.supervisor import programs


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


class Mocklake:
    """What its control API answers: `roles` by account, True for long-lived ones."""

    def __init__(self, roles: dict[str, bool]) -> None:
        self.roles = roles

    def answer(self, _port: int, path: str, _token: str = "", _seconds: float = 0.0) -> tuple[int, bytes]:
        if path.endswith("/accounts"):
            return 200, json.dumps(dict.fromkeys(("700000000001", "700000000002"), "A name")).encode()
        account = path.partition("account=")[2].partition("&")[0]
        if account not in self.roles:
            return 404, b"{}"
        lasting = {"SessionToken": None, "Expiration": None}
        ending = {"SessionToken": "t", "Expiration": "2030-01-01T00:00:00+00:00"}
        kind = lasting if self.roles[account] else ending
        return 200, json.dumps({"AccessKeyId": account, "SecretAccessKey": "s", **kind}).encode()


@pytest.fixture
def pretend_folder(site: LocalSite) -> StateFolder:
    (site.folder.path / "aws").mkdir()
    (site.folder.path / "aws" / "control-token").write_text("token")
    return site.folder


@pytest.mark.parametrize("account", ["700000000001", "700000000002"])
def test_the_workers_role_of_a_seed_may_be_in_any_account(
    pretend_folder: StateFolder, monkeypatch: pytest.MonkeyPatch, account: str
) -> None:
    roles = {"700000000001": False, account: True}
    monkeypatch.setattr(programs, "fetch", Mocklake(roles).answer)
    assert programs.fetch_worker_keys(pretend_folder, 1) == {
        "AWS_ACCESS_KEY_ID": account,
        "AWS_SECRET_ACCESS_KEY": "s",
    }


@pytest.mark.parametrize(
    ("roles", "lack"), [({}, "is in none of its accounts"), ({"700000000002": False}, "is not long-lived")]
)
def test_a_seed_without_the_workers_role_is_refused_with_what_to_write(
    pretend_folder: StateFolder, monkeypatch: pytest.MonkeyPatch, roles: dict[str, bool], lack: str
) -> None:
    monkeypatch.setattr(programs, "fetch", Mocklake(roles).answer)
    with pytest.raises(EmbeddedError, match=f"meshmarket-worker {lack}.*docs/first-mesh/mesh.yaml"):
        programs.fetch_worker_keys(pretend_folder, 1)
