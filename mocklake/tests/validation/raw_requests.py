"""Signed requests of any form, as no client library would write them."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from mocklake.protocols import PROTOCOL, model
from mocklake.testing.in_process import ENDPOINT, REGION, InProcess


@dataclass(frozen=True)
class Answer:
    status: int
    body: str


@dataclass
class Sender:
    """Sends in the name of an account's root."""

    aws: InProcess
    account: str
    _keys: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._keys = self.aws.control(f"credentials?account={self.account}")

    def send(
        self, service: str, body: bytes = b"", *, method: str = "POST", path: str = "/", **headers: str
    ) -> Answer:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        request = AWSRequest(method=method, url=ENDPOINT + path, data=body, headers=named)
        keys = Credentials(self._keys["AccessKeyId"], self._keys["SecretAccessKey"])
        SigV4Auth(keys, service, REGION).add_auth(request)
        answer = self.aws.answer(request.prepare())
        assert answer is not None
        return Answer(answer.status_code, answer.text)

    def call(self, service: str, operation: str, body: bytes) -> Answer:
        """A request in the service's protocol, whatever the body is."""
        known = model(service).operation_model(operation)
        if PROTOCOL[service] == "json":
            target = f"{model(service).metadata['targetPrefix']}.{operation}"
            return self.send(service, body, X_Amz_Target=target, Content_Type="application/x-amz-json-1.1")
        http = known.http
        return self.send(
            service, body, method=http["method"], path=http["requestUri"], Content_Type="application/json"
        )


@contextmanager
def quiet() -> Iterator[None]:
    """The log of failures is not wanted where thousands of requests are counted."""
    logger = logging.getLogger("mocklake")
    logger.disabled = True
    try:
        yield
    finally:
        logger.disabled = False
