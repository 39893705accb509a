"""Runs a client's checks in its environment, against a server that it has to itself."""

import os
import subprocess
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

from mocklake.clients.environments import ROOT, ensure_environment, ensure_source
from mocklake.clients.registry import Client
from mocklake.clients.results import read_outcomes
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


def run(client: Client, folder: Path) -> list[dict[str, Any]]:
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
    output = call(command, environment, folder)
    return read_outcomes(outcomes) or [failure("start", last_line(output))]


def run_moto(source: Path, python: Path, environment: dict[str, str], folder: Path) -> list[dict[str, Any]]:
    report = folder / "report.xml"
    paths = [path for name in MOTO_FOLDERS if (path := source / "tests" / f"test_{name}").is_dir()]
    chosen = " and ".join(f"not {name}" for name in MOTO_OTHER_SERVICES)
    selection = ["-m", "aws_verified", "-k", chosen, *map(str, paths)]
    options = ["-q", "-p", "no:cacheprovider", "-c", str(source / "setup.cfg"), f"--junitxml={report}"]
    command = [str(python), "-m", "pytest", *options, "--rootdir", str(source), *selection]
    allowed = {**environment, "MOTO_TEST_ALLOW_AWS_REQUEST": "true"}
    output = call(command, allowed, source)
    return read_report(report.read_text()) if report.exists() else [failure("start", last_line(output))]


def read_report(text: str) -> list[dict[str, Any]]:
    """Of pytest's JUnit report; what was skipped or is expected to fail is no outcome."""
    cases = ET.fromstring(text).iter("testcase")  # noqa: S314 - written by pytest a moment ago
    return [outcome(case) for case in cases if case.find("skipped") is None]


def outcome(case: ET.Element) -> dict[str, Any]:
    broken = [part for part in case if part.tag in ("failure", "error")]
    name = f"{case.get('classname', '').rsplit('.', 1)[-1]}::{case.get('name')}"
    return failure(name, broken[0].get("message", "")) if broken else {"name": name, "passed": True}


def failure(name: str, reason: str) -> dict[str, Any]:
    first = (reason.strip().splitlines() or [""])[0]
    return {"name": name, "passed": False, "reason": first[:REASON_LENGTH]}


def call(command: list[str], environment: dict[str, str], folder: Path) -> str:
    """Ended after half an hour; what it wrote until then counts."""
    try:
        done = subprocess.run(
            command, check=False, cwd=folder, env=environment, capture_output=True, text=True, timeout=SECONDS
        )
    except subprocess.TimeoutExpired:
        return f"ended after {SECONDS} s"
    return done.stdout + done.stderr


def last_line(output: str) -> str:
    return (output.strip().splitlines() or ["no output"])[-1]
