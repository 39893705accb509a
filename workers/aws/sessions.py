"""Clients that act as a role of another account. The SDK's own retries are off.

Each call is signed with the credentials that it is made with. Connections are shared, too.
"""

import json
import threading
from collections.abc import Iterable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import product
from typing import Any, Literal
from weakref import WeakValueDictionary

import boto3
import botocore.loaders
import botocore.session
from botocore.config import Config
from botocore.credentials import CredentialProvider, CredentialResolver, Credentials, ReadOnlyCredentials
from cachetools import TLRUCache
from django.conf import settings

from identity.accounts import Account
from workers.aws.calls import expect_refusal, follow_calls
from workers.aws.errors import AwsError, ErrorKind, read_with_retries, translate_errors

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
    session = botocore.session.Session()
    session.register_component("data_loader", _build_loader(session.get_config_variable("data_path")))
    return session


@lru_cache(maxsize=1)
def _session() -> boto3.session.Session:
    session = _build_session()
    session.register_component("credential_provider", CredentialResolver([_CredentialProvider()]))
    return boto3.session.Session(botocore_session=session)


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


RoleName = Literal["observer", "executor"]
EXPIRY_MARGIN = timedelta(minutes=5)
CONNECT_SECONDS = 2
MAX_SESSIONS = 500
"""Cached sessions."""
_lock = threading.Lock()
"""Held while a client is created, as boto3's client creation is not thread-safe; never during a call to AWS."""


@lru_cache(maxsize=1)
def _worker_session() -> boto3.session.Session:
    return build_worker_session()


@lru_cache(maxsize=1)
def _worker_sts() -> Any:
    """As the worker itself."""
    made = _worker_session().client(
        "sts", region_name=settings.AWS_WORKER_REGION, config=_config(settings.CALL_DEADLINE)
    )
    follow_calls(made, _get_assumed_account)
    return made


def _get_assumed_account(request: Mapping[str, Any]) -> str:
    """The account of the role that a call assumes; empty for other calls."""
    arn = str(request["body"].get("RoleArn", ""))
    return arn.split(":")[4] if arn else ""


@lru_cache(maxsize=1)
def read_worker_arn() -> str:
    """The ARN of the workers' session or user. AwsError."""
    with translate_errors():
        return str(_locked_worker_sts().get_caller_identity()["Arn"])


def read_worker_endpoint() -> str:
    """The address to which the workers send their own calls."""
    return str(_locked_worker_sts().meta.endpoint_url)


@lru_cache(maxsize=1)
def _config(deadline: float) -> Config:
    # One call is one recorded step: a retry inside the SDK would be a write that nobody recorded.
    return Config(
        retries={"total_max_attempts": 1},
        connect_timeout=CONNECT_SECONDS,
        read_timeout=deadline - CONNECT_SECONDS,
        tcp_keepalive=True,
        # botocore's own is put together anew for each call, twice: a tenth of what it does for one.
        user_agent=f"meshmarket boto3/{boto3.__version__}",
    )


def get_client(
    service: str, *, account: Account, role: RoleName, region: str, session_name: str = "observe"
) -> Any:
    """A boto3 client of `service` that acts as the account's observer or executor.

    `session_name` shows in CloudTrail: a round's id for writes. AwsError when the role cannot be assumed.
    """
    arn = account.observer_role_arn if role == "observer" else account.executor_role_arn
    return get_client_as(arn, service, account=account, region=region, session_name=session_name)


def get_client_as(arn: str, service: str, *, account: Account, region: str, session_name: str) -> Any:
    """A boto3 client that acts as any role of the account that trusts the workers. AwsError."""
    keys = _assume_role(arn, account.external_id, session_name)
    with _lock:
        return bind_client(
            RoleCredentials(account.account_id, keys), service, region, _config(settings.CALL_DEADLINE)
        )


def preload_clients(services: Iterable[str], regions: Iterable[str]) -> None:
    """Create clients before forking, so that child processes share them."""
    with _lock:
        _worker_sts()
        nobody = RoleCredentials("", ReadOnlyCredentials("", "", None))
        for service, region in product(services, regions):
            bind_client(nobody, service, region, _config(settings.CALL_DEADLINE))


def drop_ended_sessions(error: AwsError) -> None:
    """Clear the session cache if the error says that a session has ended. The next call assumes its role again."""
    if error.kind is ErrorKind.SESSION_ENDED:
        clear_sessions()


def clear_sessions() -> None:
    """Drop every cached client and session, the worker's own credentials too."""
    with _lock:
        _worker_session.cache_clear()
        _worker_sts.cache_clear()
        read_worker_arn.cache_clear()
        clear_clients()
        _session_cache.clear()


def opens_without_external_id(arn: str, session_name: str) -> bool:
    """Whether the role can be assumed without the ExternalId (the confused-deputy problem).

    False when AWS refuses; AwsError when it says something else.
    """
    try:
        with translate_errors(), expect_refusal():
            _locked_worker_sts().assume_role(RoleArn=arn, RoleSessionName=session_name)
    except AwsError as error:
        if error.kind is ErrorKind.DENIED:
            return False
        raise
    return True


SessionKey = tuple[str, str]
"""Role and session name."""
SessionCredentials = tuple[ReadOnlyCredentials, datetime]
"""Credentials and their expiry."""


def build_session_cache(max_sessions: int) -> TLRUCache[SessionKey, SessionCredentials, datetime]:
    return TLRUCache(
        max_sessions,
        ttu=lambda _session, keys, _now: keys[1] - EXPIRY_MARGIN,
        timer=lambda: datetime.now(UTC),
    )


_session_cache = build_session_cache(MAX_SESSIONS)
_assume_locks: WeakValueDictionary[SessionKey, threading.Lock] = WeakValueDictionary()
"""One lock for each session key, held while its role is assumed, so that only callers of the same session wait."""


def _assume_role(arn: str, external_id: str, session_name: str) -> ReadOnlyCredentials:
    """AwsError."""
    with _lock:
        asking = _assume_locks.setdefault((arn, session_name), threading.Lock())
    with asking:
        with _lock:
            known = _session_cache.get((arn, session_name))
        if known:
            return known[0]
        answer = read_with_retries(
            lambda: _locked_worker_sts().assume_role(
                RoleArn=arn, RoleSessionName=session_name, ExternalId=external_id
            )
        )
        made = answer["Credentials"]
        keys = ReadOnlyCredentials(made["AccessKeyId"], made["SecretAccessKey"], made["SessionToken"])
        with _lock:
            _session_cache[arn, session_name] = keys, made["Expiration"]
    return keys


def _locked_worker_sts() -> Any:
    with _lock:
        return _worker_sts()
