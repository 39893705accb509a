"""docker-compose.yml and Dockerfile: valid, pinned, without secrets, each part watched."""

import json
import re

import pytest
from jsonschema import Draft7Validator

from demo.bootstrap import ROOT
from demo.containers.run import (
    FILE,
    OURS,
    build_service_environment,
    fill_variables,
    get_service,
    list_variables,
    load_compose_file,
)
from demo.supervisor.programs import WEB_CLASS, build_web_arguments
from deploy.image_files import list_paths_besides, list_production_paths
from tests.architecture.source import SHIPPED
from tests.docs.environment_variables import parse_documented_defaults

SCHEMA = ROOT / "tests" / "compose" / "vendor" / "compose-spec.json"
EXAMPLE = ROOT / "deploy" / "example.env"
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
PINNED = re.compile(r"[\w./-]+:\d+\.\d+[\w.-]*")
REQUIRED = {name: "required" for name, (kind, _) in list_variables().items() if kind == "?"}
OF_OTHERS = {
    "MESHMARKET_TOKEN",
    "MESHMARKET_BASE_IMAGE",
    "MESHMARKET_REQUIREMENTS",
    *(f"MESHMARKET_{role}_PASSWORD" for role in ("SUPERUSER", "OWNER", "WEB", "WORKER", "SEALER")),
    "MESHMARKET_SUPERVISOR_SOCKET",
    "MESHMARKET_CAUGHT_MAIL",
    "MESHMARKET_DEMO_PASSWORD",
    "MESHMARKET_REQUIRE_BROWSER",
    "MESHMARKET_TEST_SERVER",
    "MESHMARKET_TEST_FOLDER",
}
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


def test_base_images_are_pinned_and_can_be_another() -> None:
    bases = {line.split()[1] for line in DOCKERFILE.splitlines() if line.startswith("FROM ")}
    (default,) = re.findall(r"^ARG BASE=(\S+)$", DOCKERFILE, re.MULTILINE)
    assert bases == {"${BASE}", "production"}
    assert PINNED.fullmatch(default)
    assert {get_service(name)["build"]["args"]["BASE"] for name in OURS} == {
        f"${{MESHMARKET_BASE_IMAGE:-{default}}}"
    }


def test_the_image_has_what_the_site_needs_or_traces_besides() -> None:
    (default,) = re.findall(r"^ARG REQUIREMENTS=(\S+)$", DOCKERFILE, re.MULTILINE)
    for name in OURS:
        written = get_service(name)["build"]["args"]["REQUIREMENTS"]
        assert fill_variables(written, {}) == default == "base"
        traces = fill_variables(written, {"MESHMARKET_REQUIREMENTS": "traces"})
        assert (ROOT / "requirements" / f"{traces}.txt").is_file()


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
    documented = set(parse_documented_defaults()) | {"AWS_ENDPOINT_URL"}
    assert set(list_variables()) <= set(rows) | documented
    assert {name for name in passed_on if name.startswith("AWS_")} <= set(rows)
    assert {name for name, (kind, _) in list_variables().items() if kind == "?"} <= set(rows)
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
    """Languages and templates for CloudFormation too, as the settings and the pages name them."""
    assert list_production_paths(ROOT) == sorted(
        {*SHIPPED, "deploy/aws", "locale", "manage.py", "static", "templates"}
    )
    assert list_paths_besides(ROOT, "demo", "tools") == ["demo", "mocklake", "tools"]


def test_the_image_copies_only_what_is_derived_and_its_requirements() -> None:
    production = DOCKERFILE.split("AS production")[1].split("FROM production")[0]
    copied = {line.split(" ", 1)[1] for line in production.splitlines() if line.startswith("COPY ")}
    requirements = "requirements/${REQUIREMENTS}.txt"
    assert copied == {"--from=files /production/ ./", f"{requirements} {requirements}"}
    assert "--require-hashes" in production
    assert production.rstrip().splitlines()[-2] == "USER meshmarket"


def test_no_secret_is_sent_to_the_build() -> None:
    """Hidden files hold the environment, the state of demos and the history."""
    assert ".*" in (ROOT / ".dockerignore").read_text().splitlines()


SET_BY_COMPOSE = {
    "DJANGO_SETTINGS_MODULE": "its services are the site itself",
    "MESHMARKET_PROCESS": "each service has its own",
    "MESHMARKET_STATIC_ROOT": "files are collected when the image is built",
}


def test_every_documented_setting_can_be_set_by_the_environment_file() -> None:
    settings = set(parse_documented_defaults()) - set(SET_BY_COMPOSE) - OF_OTHERS
    unset = {
        name
        for name in settings
        if not any(
            build_service_environment(one, {**REQUIRED, name: "set by hand"}).get(name) for one in OURS
        )
    }
    kept = {
        name
        for name in settings
        for one in OURS
        if "set by hand"
        not in build_service_environment(one, {**REQUIRED, name: "set by hand"}).get(name, "set by hand")
    }
    assert (unset, kept) == (set(), set())


@pytest.mark.parametrize("name", ["web", "worker", "worker-others", "beat", "migrate"])
def test_what_both_kinds_of_processes_read_reaches_both(name: str) -> None:
    given = build_service_environment(name, {**REQUIRED, "MESHMARKET_RESIDUAL_SECONDS": "3600"})
    assert given["MESHMARKET_RESIDUAL_SECONDS"] == "3600"


@pytest.mark.parametrize("name", ["postgres", "valkey"])
def test_servers_keep_only_what_makes_their_folders_their_own(name: str) -> None:
    service = get_service(name)
    assert service["read_only"]
    assert service["cap_drop"] == ["ALL"]
    assert set(service["cap_add"]) == {"CHOWN", "DAC_OVERRIDE", "FOWNER", "SETGID", "SETUID"}
    assert service["security_opt"] == ["no-new-privileges:true"]


def test_nested_variables_are_filled_from_the_outside() -> None:
    text = "${A:-x-${B:?}-y} $$(z)"
    assert fill_variables(text, {"B": "b"}) == "x-b-y $(z)"
    assert fill_variables(text, {"A": "a"}) == "a $(z)"


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
