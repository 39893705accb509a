"""docker-compose.yml and Dockerfile: valid, pinned, without secrets, each part watched."""

import json
import re

import pytest
from jsonschema import Draft7Validator

from demo.bootstrap import ROOT
from demo.supervisor.programs import WEB_CLASS, build_web_arguments
from tests.architecture.source import SHIPPED
from tests.compose.compose_file import FILE, OURS, get_service, list_variables, load_compose_file

SCHEMA = ROOT / "tests" / "compose" / "vendor" / "compose-spec.json"
EXAMPLE = ROOT / "deploy" / "example.env"
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
PINNED = re.compile(r"[\w./-]+:\d+\.\d+[\w.-]*")
SECRET = re.compile(r"SECRET_KEY|PASSWORD|TOKEN|ACCESS_KEY")


def test_the_file_is_valid_by_the_compose_schema() -> None:
    errors = Draft7Validator(json.loads(SCHEMA.read_text(encoding="utf-8"))).iter_errors(load_compose_file())
    assert [f"{error.json_path}: {error.message}" for error in errors] == []


def test_the_parts_are_those_of_the_demo() -> None:
    assert {"postgres", "valkey", *OURS} == set(load_compose_file()["services"])
    assert get_service("postgres")["image"].startswith("postgres:18.")


@pytest.mark.parametrize("name", load_compose_file()["services"])
def test_images_are_pinned(name: str) -> None:
    assert PINNED.fullmatch(get_service(name)["image"])


@pytest.mark.parametrize("name", load_compose_file()["services"])
def test_whatever_goes_on_running_is_watched(name: str) -> None:
    if get_service(name).get("restart") == "no":
        assert "healthcheck" not in get_service(name)
    else:
        assert get_service(name)["healthcheck"]["test"]


def test_base_images_are_pinned() -> None:
    bases = [line.split()[1] for line in DOCKERFILE.splitlines() if line.startswith("FROM ")]
    assert all(PINNED.fullmatch(base) or base == "production" for base in bases)


def test_secrets_come_from_outside() -> None:
    """Each is required by name; the values of the example are empty."""
    asked = {name: kind for name, (kind, _) in list_variables().items() if SECRET.search(name)}
    assert {name for name, kind in asked.items() if kind != "?"} == {"MESHMARKET_DEMO_PASSWORD"}
    text = FILE.read_text(encoding="utf-8")
    written = re.findall(r"^\s*(\w*(?:SECRET|PASSWORD|TOKEN|ACCESS_KEY)\w*): *(.*)$", text, re.MULTILINE)
    assert written
    assert [name for name, value in written if value and not value.startswith("${")] == []
    assert re.findall(r"://\w+:(?!\$\{)\S*@", text) == []


def test_the_example_names_every_variable_and_holds_no_secret() -> None:
    rows = dict(re.findall(r"^#?([A-Z_]+)=(.*)$", EXAMPLE.read_text(encoding="utf-8"), re.MULTILINE))
    passed_on = {k for name in OURS for k, v in get_service(name).get("environment", {}).items() if v is None}
    assert set(list_variables()) | passed_on <= set(rows)
    assert {name for name in rows if SECRET.search(name) and rows[name]} == set()


@pytest.mark.parametrize("name", OURS)
def test_our_containers_may_do_little(name: str) -> None:
    assert get_service(name)["read_only"]
    assert get_service(name)["cap_drop"] == ["ALL"]


def test_only_the_web_is_reachable_and_only_from_this_machine() -> None:
    ports = {name: row["ports"] for name, row in load_compose_file()["services"].items() if "ports" in row}
    assert ports == {"web": ["127.0.0.1:8000:8000"]}


def test_the_web_gets_neither_aws_keys_nor_another_role() -> None:
    given = set(get_service("web")["environment"])
    assert not {name for name in given if name.startswith("AWS_")} - {"AWS_DEFAULT_REGION"}
    assert {name for name in given if name.endswith("DATABASE_URL")} == {"DATABASE_URL"}


def test_the_production_image_holds_what_ships_and_nothing_else() -> None:
    production = DOCKERFILE.split("AS production")[1].split("FROM production")[0]
    copied = {line.split()[1] for line in production.splitlines() if line.startswith("COPY ")}
    assert copied == {*SHIPPED, "deploy/aws", "manage.py", "static", "templates", "requirements/base.txt"}
    assert "--require-hashes" in production
    assert production.rstrip().splitlines()[-2] == "USER meshmarket"


def test_every_copied_path_exists_and_is_sent_to_the_build() -> None:
    copied = {line.split()[1] for line in DOCKERFILE.splitlines() if line.startswith("COPY ")}
    sent = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    assert [path for path in copied if not (ROOT / path).exists()] == []
    assert {path.split("/")[0] for path in copied} == sent


@pytest.mark.parametrize("name", OURS)
def test_what_is_written_to_tmp_is_bounded(name: str) -> None:
    (folder,) = get_service(name)["tmpfs"]
    path, _, options = folder.partition(":")
    assert path == "/tmp"  # noqa: S108 - of the container alone
    assert re.fullmatch(r"size=\d+m", options)


def test_the_web_is_served_as_in_the_demo_and_by_two_processes() -> None:
    command = get_service("web")["command"]
    assert command[command.index("--worker-class") + 1] == WEB_CLASS
    assert WEB_CLASS in build_web_arguments(8000)
    assert int(command[command.index("--workers") + 1]) >= 2
