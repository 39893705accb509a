"""One boto3 client for each service and region, shared by all accounts: making one takes longer than several calls.

Whose keys sign a call is told with the call. Its connections stay open for the calls of every account.
"""

from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import boto3
import botocore.loaders
import botocore.session
from botocore.config import Config
from botocore.credentials import CredentialProvider, CredentialResolver, Credentials, ReadOnlyCredentials

from workers.aws.call_counts import count
from workers.aws.json_answers import answer_as_json

PLAIN = {
    "glue": ("GetDatabases", "GetTables", "GetDatabase", "GetTable"),
    "lakeformation": ("ListPermissions",),
}
"""By service, what is read by the thousand: it comes as plain JSON."""


@dataclass(frozen=True)
class Speaker:
    """An account, and the keys of one of its roles."""

    account_id: str
    keys: ReadOnlyCredentials


_speaker: ContextVar[Speaker] = ContextVar("speaker")


class _Keys(Credentials):
    """What botocore signs with: the keys of whoever speaks, asked for once for each request."""

    def __init__(self) -> None:
        super().__init__("", "")

    def get_frozen_credentials(self) -> ReadOnlyCredentials:
        return _speaker.get().keys


class _Provider(CredentialProvider):
    METHOD = "speaker"

    def load(self) -> Credentials:
        return _Keys()


class Client:
    """A client's operations, called as one role of one account."""

    def __init__(self, shared: Any, speaker: Speaker) -> None:
        self._shared, self._speaker = shared, speaker

    def __getattr__(self, operation: str) -> Any:
        made = getattr(self._shared, operation)

        def call(**asked: Any) -> Any:
            before = _speaker.set(self._speaker)
            try:
                return made(**asked)
            finally:
                _speaker.reset(before)

        return call


@lru_cache(maxsize=1)
def _loader_of(path: str | None) -> Any:
    """What has read botocore's description of AWS: that is read once, however often sessions are made anew."""
    return botocore.loaders.create_loader(path)


def session_as_ourselves() -> boto3.session.Session:
    """A session with the worker's own credentials, wherever botocore finds them."""
    return boto3.session.Session(botocore_session=_made())


def _made() -> botocore.session.Session:
    found = botocore.session.Session()
    found.register_component("data_loader", _loader_of(found.get_config_variable("data_path")))
    return found


@lru_cache(maxsize=1)
def _session() -> boto3.session.Session:
    found = _made()
    found.register_component("credential_provider", CredentialResolver([_Provider()]))
    return boto3.session.Session(botocore_session=found)


@lru_cache(maxsize=100)
def _shared(service: str, region: str, config: Config) -> Any:
    make: Any = _session().client
    made = make(service, region_name=region, config=config)
    count(made, lambda: _speaker.get().account_id)
    answer_as_json(made, service, PLAIN.get(service, ()))
    return made


def client_of(speaker: Speaker, service: str, region: str, config: Config) -> Client:
    """To be called by one thread at a time: boto3 makes clients in no other way. Its calls may be made by many."""
    return Client(_shared(service, region, config), speaker)


def forget_clients() -> None:
    """The next one finds the environment as it is by then."""
    _session.cache_clear()
    _shared.cache_clear()
