"""Every call to AWS of a stretch of work, so that a bare loop can make the same ones again."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import boto3
from botocore import handlers, xform_name
from botocore.config import Config
from botocore.exceptions import ClientError

READ_PREFIXES = ("Get", "List", "Search", "Describe", "AssumeRole")


@dataclass(frozen=True)
class Call:
    """`key` is the access key that signed it; `method` boto3's name for the operation."""

    service: str
    region: str
    operation: str
    method: str
    parameters: dict[str, Any]
    access_key: str

    @property
    def is_write(self) -> bool:
        return not self.operation.startswith(READ_PREFIXES)


@dataclass
class CallRecord:
    """`sessions`: by access key, the AssumeRole call that gave it."""

    calls: list[Call] = field(default_factory=list)
    sessions: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def writes(self) -> list[Call]:
        return [call for call in self.calls if call.is_write]


@contextmanager
def record_calls() -> Iterator[CallRecord]:
    """Calls of boto3 clients that are made inside the block, in their order."""
    record = CallRecord()

    def asked(params: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
        context["asked"] = dict(params)

    def sent(model: Any, request_signer: Any, context: dict[str, Any], **_: Any) -> None:
        record.calls.append(
            Call(
                model.service_model.service_name,
                request_signer.region_name,
                model.name,
                xform_name(model.name),
                context["asked"],
                request_signer._credentials.get_frozen_credentials().access_key,  # noqa: SLF001 - no event tells it
            )
        )

    def assumed(parsed: dict[str, Any], **_: Any) -> None:
        if "Credentials" in parsed:
            call = record.calls[-1]
            record.sessions[parsed["Credentials"]["AccessKeyId"]] = call.parameters

    hooks = [("before-parameter-build", asked), ("before-call", sent), ("after-call.sts.AssumeRole", assumed)]
    handlers.BUILTIN_HANDLERS.extend(hooks)
    try:
        yield record
    finally:
        for hook in hooks:
            handlers.BUILTIN_HANDLERS.remove(hook)


class BareLoop:
    """The same calls, each role assumed once and each client made once."""

    def __init__(self, url: str, record: CallRecord) -> None:
        self._url, self._record = url, record
        self._session = boto3.Session()
        self._clients: dict[tuple[str, str, str], Any] = {}
        self._keys: dict[str, dict[str, str]] = {}

    def run(self) -> int:
        """How many calls were made. A refusal is an answer: before a link is made, looking for it finds none."""
        for call in self._record.calls:
            if call.operation == "AssumeRole":
                continue
            with suppress(ClientError):
                getattr(self._get_client(call), call.method)(**call.parameters)
        return len(self._record.calls)

    def _get_client(self, call: Call) -> Any:
        arn = self._record.sessions[call.access_key]["RoleArn"]
        place = (arn, call.service, call.region)
        if place not in self._clients:
            self._clients[place] = self._make_client(
                call.service, call.region, self._get_role_keys(arn, call.access_key)
            )
        return self._clients[place]

    def _get_role_keys(self, arn: str, key: str) -> dict[str, str]:
        if arn not in self._keys:
            sts = self._session.client("sts", endpoint_url=self._url)
            self._keys[arn] = sts.assume_role(**self._record.sessions[key])["Credentials"]
        return self._keys[arn]

    def _make_client(self, service: str, region: str, keys: dict[str, str]) -> Any:
        make: Any = self._session.client
        return make(
            service,
            endpoint_url=self._url,
            region_name=region,
            aws_access_key_id=keys["AccessKeyId"],
            aws_secret_access_key=keys["SecretAccessKey"],
            aws_session_token=keys["SessionToken"],
            config=Config(retries={"total_max_attempts": 1}),
        )
