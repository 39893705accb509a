"""Runs a client's checks in its environment against a server that it has to itself; what the checks came to."""

import json
import os
import subprocess
import xml.etree.ElementTree as ET
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

from mocklake.clients.registry import CLIENTS, FOLDER, ROOT, Client, ensure_environment, ensure_source
from mocklake.testing.server import Cloud

SECONDS = 1800
REASON_LENGTH = 160
BOOT = "import sys; sys.path.append(sys.argv.pop(1)); from mocklake.clients.checks import run; run.main(*sys.argv[1:])"
"""Our folder comes last, so that no package of ours hides one of the client's."""
MOTO_FOLDERS = (
    "athena",
    "cloudtrail",
    "events",
    "glue",
    "iam",
    "kms",
    "lakeformation",
    "ram",
    "s3",
    "sqs",
    "sts",
)
MOTO_OTHER_SERVICES = (
    "test_iam_cloudformation",
    "test_events_cloudformation",
    "test_kms_key_is_created",
)
"""They test CloudFormation and Secrets Manager, which mocklake has not."""
RESULTS = FOLDER / "results.json"
FLOORS = FOLDER / "floors.json"
PAGE = Path(__file__).parents[1] / "docs" / "clients.md"
INTRODUCTION = """# Foreign clients

Programs that were written for AWS, run unmodified against mocklake by `python3 manage.py test --clients`. This page is made
by that command. Each client has an environment of its own with locked versions, a server and a seed; its checks are in
`clients/checks/`. A client that passes fewer checks than its entry in `clients/floors.json` makes the command fail.

| Client | Version | Passed | Failed |
| --- | --- | --- | --- |
"""


def run_client(client: Client, folder: Path) -> list[dict[str, Any]]:
    """Name and outcome of each check."""
    python = ensure_environment(client)
    with Cloud.start(folder / "state", seed=str(client.seed_file)) as cloud:
        environment = build_environment(client, cloud, folder)
        if client.name == "moto":
            return run_moto(ensure_source(client, python), python, environment, folder)
        return run_checks(client, python, environment, folder)


def build_environment(client: Client, cloud: Cloud, folder: Path) -> dict[str, str]:
    keys = cloud.control(f"credentials?account={client.account}&role={client.role}")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "DJANGO_"))}
    given = {
        "AWS_ENDPOINT_URL": cloud.url,
        "AWS_ACCESS_KEY_ID": keys["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": keys["SecretAccessKey"],
        **({"AWS_SESSION_TOKEN": keys["SessionToken"]} if keys["SessionToken"] else {}),
        "AWS_DEFAULT_REGION": client.region,
        "AWS_REGION": client.region,
        "AWS_EC2_METADATA_DISABLED": "true",
        "MOCKLAKE_URL": cloud.url,
        "MOCKLAKE_TOKEN": (cloud.folder / "control-token").read_text(),
    }
    return {**kept, **given, "HOME": str(folder)}


def run_checks(
    client: Client, python: Path, environment: dict[str, str], folder: Path
) -> list[dict[str, Any]]:
    outcomes = folder / "outcomes"
    modules = client.modules or (client.name.replace("-", "_"),)
    command = [str(python), "-P", "-c", BOOT, str(ROOT), str(outcomes), *modules]
    output = call_command(command, environment, folder)
    return read_outcomes(outcomes) or [build_failure("start", get_last_line(output))]


def run_moto(source: Path, python: Path, environment: dict[str, str], folder: Path) -> list[dict[str, Any]]:
    report = folder / "report.xml"
    paths = [path for name in MOTO_FOLDERS if (path := source / "tests" / f"test_{name}").is_dir()]
    chosen = " and ".join(f"not {name}" for name in MOTO_OTHER_SERVICES)
    selection = ["-m", "aws_verified", "-k", chosen, *map(str, paths)]
    options = ["-q", "-p", "no:cacheprovider", "-c", str(source / "setup.cfg"), f"--junitxml={report}"]
    command = [str(python), "-m", "pytest", *options, "--rootdir", str(source), *selection]
    allowed = {**environment, "MOTO_TEST_ALLOW_AWS_REQUEST": "true"}
    output = call_command(command, allowed, source)
    return (
        read_report(report.read_text())
        if report.exists()
        else [build_failure("start", get_last_line(output))]
    )


def read_report(text: str) -> list[dict[str, Any]]:
    """Reads pytest's JUnit report; what was skipped or is expected to fail is no outcome."""
    cases = ET.fromstring(text).iter("testcase")  # noqa: S314 - written by pytest a moment ago
    return [read_outcome(case) for case in cases if case.find("skipped") is None]


def read_outcome(case: ET.Element) -> dict[str, Any]:
    broken = [part for part in case if part.tag in ("failure", "error")]
    name = f"{case.get('classname', '').rsplit('.', 1)[-1]}::{case.get('name')}"
    return build_failure(name, broken[0].get("message", "")) if broken else {"name": name, "passed": True}


def build_failure(name: str, reason: str) -> dict[str, Any]:
    first = (reason.strip().splitlines() or [""])[0]
    return {"name": name, "passed": False, "reason": first[:REASON_LENGTH]}


def call_command(command: list[str], environment: dict[str, str], folder: Path) -> str:
    """Ended after half an hour; what it wrote until then counts."""
    try:
        done = subprocess.run(
            command, check=False, cwd=folder, env=environment, capture_output=True, text=True, timeout=SECONDS
        )
    except subprocess.TimeoutExpired:
        return f"ended after {SECONDS} s"
    return done.stdout + done.stderr


def get_last_line(output: str) -> str:
    return (output.strip().splitlines() or ["no output"])[-1]


@dataclass(frozen=True)
class Result:
    """`failures` holds by check the first line of the reason."""

    version: str
    passed: int
    failures: dict[str, str]

    @property
    def total(self) -> int:
        return self.passed + len(self.failures)

    @classmethod
    def of(cls, version: str, outcomes: list[dict[str, Any]]) -> Self:
        failures = {outcome["name"]: outcome["reason"] for outcome in outcomes if not outcome["passed"]}
        return cls(version, len(outcomes) - len(failures), failures)


def read_outcomes(file: Path) -> list[dict[str, Any]]:
    """One JSON object a line: name, passed and, of a failure, reason."""
    return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


def read_results() -> dict[str, Result]:
    return {name: Result(**value) for name, value in json.loads(RESULTS.read_text()).items()}


def write_results(results: dict[str, Result]) -> None:
    RESULTS.write_text(
        json.dumps({name: asdict(one) for name, one in sorted(results.items())}, indent=2) + "\n"
    )


def read_floors() -> dict[str, int]:
    floors: dict[str, int] = json.loads(FLOORS.read_text())
    return floors


def is_below_floor(name: str, result: Result, floors: dict[str, int]) -> bool:
    """A client that ran no check is always below."""
    return result.passed < max(floors.get(name, 0), 1)


def render(results: dict[str, Result]) -> str:
    rows = [render_row(client, results[client.name]) for client in CLIENTS if client.name in results]
    parts = [render_failures(client, results[client.name]) for client in CLIENTS if client.name in results]
    return INTRODUCTION + "".join(rows) + "".join(parts)


def render_row(client: Client, result: Result) -> str:
    failed = len(result.failures)
    version = f"{client.package} {result.version}"
    return f"| {client.title} | {version} | {result.passed} of {result.total} | {failed or ''} |\n"


def render_failures(client: Client, result: Result) -> str:
    if not result.failures:
        return ""
    rows = (f"| `{name}` | {escape_cell(reason)} |\n" for name, reason in result.failures.items())
    return f"\n## {client.title}: what fails\n\n| Check | Reason |\n| --- | --- |\n" + "".join(rows)


def escape_cell(text: str) -> str:
    """Words in angle brackets or with pipes would be markup in a table."""
    return text.replace("|", "\\|").replace("<", "&lt;").replace("*", "\\*").replace("_", "\\_")


def write_page(results: dict[str, Result]) -> None:
    PAGE.write_text(render(results))
