"""One boto3 client for each service and region, shared by all accounts: creating one is slower than a call.

Each call is signed with the credentials that it is made with. Connections are shared, too.
"""

import json
from collections.abc import Iterable
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import boto3
import botocore.loaders
import botocore.session
from botocore.config import Config
from botocore.credentials import CredentialProvider, CredentialResolver, Credentials, ReadOnlyCredentials

from workers.aws.call_log import follow_calls

MAX_SUCCESS_STATUS = 299
JSON_OPERATIONS = {
    "glue": ("GetDatabases", "GetTables", "GetDatabase", "GetTable"),
    "lakeformation": ("ListPermissions",),
}
"""By service, frequent reads, whose responses are parsed as plain JSON."""


@dataclass(frozen=True)
class RoleCredentials:
    """Credentials of a role, and its account."""

    account_id: str
    credentials: ReadOnlyCredentials


_role_credentials: ContextVar[RoleCredentials] = ContextVar("speaker")


class _CurrentCredentials(Credentials):
    """Gives botocore the credentials of the current call."""

    def __init__(self) -> None:
        super().__init__("", "")

    def get_frozen_credentials(self) -> ReadOnlyCredentials:
        return _role_credentials.get().credentials


class _CredentialProvider(CredentialProvider):
    METHOD = "speaker"

    def load(self) -> Credentials:
        return _CurrentCredentials()


class Client:
    """A client's operations, called as one role of one account."""

    def __init__(self, shared: Any, speaker: RoleCredentials) -> None:
        self._shared, self._credentials = shared, speaker

    def __getattr__(self, operation: str) -> Any:
        made = getattr(self._shared, operation)

        def call(**asked: Any) -> Any:
            before = _role_credentials.set(self._credentials)
            try:
                return made(**asked)
            finally:
                _role_credentials.reset(before)

        return call


@lru_cache(maxsize=1)
def _build_loader(path: str | None) -> Any:
    """Botocore's data loader, cached so that service descriptions are read once."""
    return botocore.loaders.create_loader(path)


def build_worker_session() -> boto3.session.Session:
    """A session with the worker's own credentials, from botocore's default chain."""
    return boto3.session.Session(botocore_session=_build_session())


def _build_session() -> botocore.session.Session:
    found = botocore.session.Session()
    found.register_component("data_loader", _build_loader(found.get_config_variable("data_path")))
    return found


@lru_cache(maxsize=1)
def _session() -> boto3.session.Session:
    found = _build_session()
    found.register_component("credential_provider", CredentialResolver([_CredentialProvider()]))
    return boto3.session.Session(botocore_session=found)


@lru_cache(maxsize=100)
def _build_shared_client(service: str, region: str, config: Config) -> Any:
    make: Any = _session().client
    made = make(service, region_name=region, config=config)
    follow_calls(made, lambda _request: _role_credentials.get().account_id)
    parse_responses_as_json(made, service, JSON_OPERATIONS.get(service, ()))
    return made


def bind_client(credentials: RoleCredentials, service: str, region: str, config: Config) -> Client:
    """Not thread-safe, as boto3's client creation is not. The client itself may be shared by threads."""
    return Client(_build_shared_client(service, region, config), credentials)


def clear_clients() -> None:
    """Drop cached clients, so that the next one reads the environment again."""
    _session.cache_clear()
    _build_shared_client.cache_clear()


def parse_responses_as_json(client: Any, service: str, operations: Iterable[str]) -> None:
    """Have these operations of the client return plain JSON; times are seconds since 1970.

    Null is left out, as botocore leaves it out. Errors are parsed as ever.
    """
    for operation in operations:
        client.meta.events.register(f"before-parse.{service}.{operation}", _parse_response)


def _parse_response(
    response_dict: dict[str, Any], customized_response_dict: dict[str, Any], **_: object
) -> None:
    if response_dict["status_code"] > MAX_SUCCESS_STATUS:
        return
    body = response_dict["body"]
    try:
        # Looking at each object takes as long as parsing does: only where there is one to be left out.
        answer = json.loads(body, object_hook=_drop_nulls if b"null" in body else None)
    except ValueError:
        # botocore then meets the same body, and says what is wrong with it.
        return
    customized_response_dict.update(answer)
    response_dict["body"] = b"{}"


def _drop_nulls(found: dict[str, Any]) -> dict[str, Any]:
    if None not in found.values():
        return found
    return {name: value for name, value in found.items() if value is not None}
