"""Scenarios through the real `aws` command, against a mocklake server: what a person types goes the same way."""

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from botocore import xform_name
from botocore.model import OperationModel

from mocklake.scenarios import models
from mocklake.scenarios.places import Call, RefusedError, ServerPlace, UnfitRequestError

TIMEOUT = 60
_COMMANDS = {"s3": "s3api"}
_REFUSED = re.compile(
    r"An error occurred \(([^)]+)\) when calling the \w+ operation(?: \([^)]*\))?: (.*)", re.DOTALL
)
_UNFIT = (
    "Parameter validation failed",
    "Unknown options",
    "Invalid JSON",
    "the following arguments are required",
)


@dataclass
class CommandLinePlace(ServerPlace):
    """Each call is one command; the control API is asked as ever."""

    def call(self, call: Call) -> Any:
        model = models.operation(call.service, call.operation)
        assert model is not None
        with tempfile.TemporaryDirectory(prefix="mocklake-") as folder:
            said = self._run(_command(call, model, Path(folder)), call)
            answer: dict[str, Any] = json.loads(said) if said.strip() else {}
            body = Path(folder) / "body"
            if model.has_streaming_output:
                answer["Body"] = body.read_bytes().decode("utf-8", "replace")
        return answer

    def _run(self, command: list[str], call: Call) -> str:
        keys = self.keys(call.who)
        where = ["--endpoint-url", self.server.url, "--region", call.region, "--output", "json"]
        ran = subprocess.run(
            [sys.executable, "-m", "awscli", *where, *command],
            check=False, capture_output=True, text=True, timeout=TIMEOUT, env=_environment(keys),
        )  # fmt: skip
        if ran.returncode:
            raise _refusal(ran.stderr.strip())
        return ran.stdout


def _command(call: Call, model: OperationModel, folder: Path) -> list[str]:
    """Members that are streams go by file, all others as one JSON document; a page stays a page."""
    parameters = dict(call.parameters)
    command = [
        _COMMANDS.get(call.service, models.client_name(call.service)),
        xform_name(call.operation, "-"),
        "--no-paginate",
    ]
    if model.has_streaming_output:
        given = [
            part for name, one in parameters.items() for part in (f"--{xform_name(name, '-')}", str(one))
        ]
        return [*command, *given, str(folder / "body")]
    streamed = model.get_streaming_input()
    if streamed is not None:
        members = getattr(model.input_shape, "members", {})
        (name,) = (one for one, shape in members.items() if shape is streamed)
        content = folder / "content"
        content.write_text(str(parameters.pop(name, "")), encoding="utf-8")
        command += [f"--{xform_name(name, '-')}", str(content)]
    document = folder / "parameters.json"
    document.write_text(json.dumps(parameters), encoding="utf-8")
    return [*command, "--cli-input-json", f"file://{document}"]


def _environment(keys: Mapping[str, str]) -> dict[str, str]:
    """Nothing of a person's own configuration reaches the command."""
    given = {
        "AWS_ACCESS_KEY_ID": keys["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": keys["SecretAccessKey"],
        "AWS_MAX_ATTEMPTS": "1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }
    if keys.get("SessionToken"):
        given["AWS_SESSION_TOKEN"] = keys["SessionToken"]
    return {name: value for name, value in os.environ.items() if not name.startswith("AWS_")} | given


def _refusal(said: str) -> Exception:
    found = _REFUSED.search(said)
    if found:
        return RefusedError(found[1], found[2])
    if any(sign in said for sign in _UNFIT):
        return UnfitRequestError(" ".join(said.split()))
    if "Connection was closed" in said:
        return RefusedError("ConnectionClosed", said)
    return RefusedError("CommandFailed", said)
