"""Clients that act as a role of another account. The SDK's own retries are off."""

import threading
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import product
from typing import Any, Literal
from weakref import WeakValueDictionary

import boto3
from botocore.config import Config
from botocore.credentials import ReadOnlyCredentials
from cachetools import TLRUCache
from django.conf import settings

from identity.accounts.models import Account
from workers.aws.call_log import expect_refusal, follow_calls
from workers.aws.clients import RoleCredentials, bind_client, build_worker_session, clear_clients
from workers.aws.errors import AwsError, ErrorKind, read_with_retries, translate_errors

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
