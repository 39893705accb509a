"""Signed calls over one connection that stays open, with as little of a client's own work as can be.

boto3 takes longer to read a page of tables than mocklake to write it, so that a ratio of two servers measured through it
would be one of boto3 to itself.
"""

import json
from typing import Any

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from tools.bench.harness.servers import Server, open_connection

REGION = "eu-central-1"
ACCOUNT, OTHER_ACCOUNT = "111111111111", "222222222222"


class CallRefusedError(Exception):
    """The answer was no success; the text is its status and body."""


class SignedClient:
    """One account's root; not for several threads at once."""

    def __init__(self, server: Server, keys: dict[str, str]) -> None:
        self._server = server
        self._connection = open_connection(server)
        self._credentials = Credentials(keys["AccessKeyId"], keys["SecretAccessKey"])

    def glue(self, operation: str, **members: Any) -> bytes:
        headers = {
            "X-Amz-Target": f"AWSGlue.{operation}",
            "Content-Type": "application/x-amz-json-1.1",
        }
        return self._call("glue", "/", headers, members)

    def lakeformation(self, operation: str, **members: Any) -> bytes:
        return self._call("lakeformation", f"/{operation}", {"Content-Type": "application/json"}, members)

    def close(self) -> None:
        self._connection.close()

    def _call(self, service: str, path: str, headers: dict[str, str], members: dict[str, Any]) -> bytes:
        body = json.dumps(members)
        request = AWSRequest("POST", f"{self._server.url}{path}", data=body, headers=headers)
        SigV4Auth(self._credentials, service, REGION).add_auth(request)
        self._connection.request("POST", path, body, dict(request.prepare().headers))
        answer = self._connection.getresponse()
        content = answer.read()
        if answer.status != 200:  # noqa: PLR2004
            raise CallRefusedError(f"{answer.status} {content[:300]!r}")
        return content


def make_root_client(server: Server) -> SignedClient:
    """The root of `ACCOUNT` in mocklake."""
    return SignedClient(server, server.control(f"credentials?account={ACCOUNT}"))


def make_anonymous_client(server: Server) -> SignedClient:
    """Moto asks for no key that it knows."""
    return SignedClient(server, {"AccessKeyId": "testing", "SecretAccessKey": "testing"})
