"""A running mocklake as a test sees it: boto3 clients by account and role, and the control API."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import boto3
from botocore.config import Config

from mocklake.testing.in_process import REGION, InProcess

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Cloud:
    """Ends its process when the `with` block ends; `kill` and `begin` play a crash and the start after it."""

    folder: Path
    seed: str
    process: subprocess.Popen[str]
    url: str
    manners: str = ""
    retries: int = 0
    """Of its clients, unless one is made with others."""

    @classmethod
    def start(cls, folder: Path, *, seed: str = "", manners: str = "", retries: int = 0) -> Self:
        process, url = _launch(folder, seed, manners)
        return cls(folder, seed, process, url, manners, retries)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def end(self) -> None:
        self.process.terminate()
        self.process.communicate(timeout=60)

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate(timeout=60)

    def begin(self) -> None:
        self.process, self.url = _launch(self.folder, self.seed, self.manners)

    def control(self, path: str, body: Any = None, *, method: str = "", token: str | None = None) -> Any:
        token = (self.folder / "control-token").read_text() if token is None else token
        data = None if body is None else json.dumps(body).encode()
        request = Request(  # noqa: S310
            f"{self.url}/_mocklake/{path}",
            data,
            {"X-Mocklake-Token": token},
            method=method or ("POST" if data else "GET"),
        )
        with urlopen(request, timeout=60) as answer:  # noqa: S310
            return json.load(answer)

    def control_status(self, path: str, **options: Any) -> int:
        try:
            self.control(path, **options)
        except HTTPError as error:
            error.close()
            return error.code
        return 200

    def client(
        self, service: str, account: str, role: str = "", *, region: str = REGION, **session: Any
    ) -> Any:
        """With the account's root key, or as one of its roles without asking the role's trust policy."""
        keys = self.control(f"credentials?account={account}&role={role}")
        return self.client_of(service, keys, region=region, **session)

    def client_of(
        self, service: str, keys: dict[str, Any], *, region: str = REGION, retries: int | None = None
    ) -> Any:
        return boto3.client(
            service,
            endpoint_url=self.url,
            region_name=region,
            aws_access_key_id=keys["AccessKeyId"],
            aws_secret_access_key=keys["SecretAccessKey"],
            aws_session_token=keys.get("SessionToken"),
            config=Config(retries={"max_attempts": self.retries if retries is None else retries}),
        )


def _launch(folder: Path, seed: str, manners: str) -> tuple[subprocess.Popen[str], str]:
    command = [sys.executable, "-m", "mocklake", "--strict", "--port", "0", "--state", str(folder)]
    chosen = [*(["--seed", seed] if seed else []), *(["--manners", manners] if manners else [])]
    process = subprocess.Popen([*command, *chosen], stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line.startswith("mocklake listens on "), line
    return process, line.split()[-1]


Aws = InProcess | Cloud
