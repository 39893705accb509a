"""Clients in another account: one role assumed, one call sent, no retries of the SDK's own."""

import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, Literal, TypeVar

import boto3
from botocore.config import Config
from django.conf import settings

from identity.models import Account
from workers.aws.counted import count
from workers.aws.errors import SESSION_CODES, AwsError, ErrorKind, translated

RoleName = Literal["observer", "executor"]
Key = TypeVar("Key")
Value = TypeVar("Value")
SPARE = timedelta(minutes=5)
CONNECT_SECONDS = 2
MOST_KEPT = 500
"""Clients and sessions: a round's own are of no use after it, those that observe are used again and again."""
_lock = threading.Lock()
_clients: OrderedDict[tuple[str, str, str, str], "_Cached"] = OrderedDict()


@dataclass(frozen=True)
class _Cached:
    client: Any
    expires_at: datetime


@lru_cache(maxsize=1)
def _session() -> boto3.session.Session:
    return boto3.session.Session()


@lru_cache(maxsize=1)
def _sts() -> Any:
    """As the worker itself."""
    return _session().client("sts", region_name=settings.AWS_WORKER_REGION, config=_config())


def _config() -> Config:
    # One call is one recorded step: a retry inside the SDK would be a write that nobody recorded.
    return Config(
        retries={"total_max_attempts": 1},
        connect_timeout=CONNECT_SECONDS,
        read_timeout=settings.CALL_DEADLINE - CONNECT_SECONDS,
        tcp_keepalive=True,
    )


def client(
    service: str, *, account: Account, role: RoleName, region: str, session_name: str = "observe"
) -> Any:
    """A boto3 client of `service` that acts as the account's observer or executor.

    `session_name` shows in CloudTrail: a round's id for writes. AwsError when the role cannot be assumed.
    """
    arn = account.observer_role_arn if role == "observer" else account.executor_role_arn
    return client_as(arn, service, account=account, region=region, session_name=session_name)


def client_as(arn: str, service: str, *, account: Account, region: str, session_name: str) -> Any:
    """Likewise as any role of the account that trusts the workers. AwsError."""
    key = (service, arn, region, session_name)
    with _lock:
        cached = _clients.get(key)
        if cached and cached.expires_at > datetime.now(UTC):
            _clients.move_to_end(key)
            return cached.client
        made = _make(service, arn, account.external_id, region, session_name)
        count(made.client, account.account_id)
        _keep(_clients, key, made)
    return made.client


def forget(error: AwsError) -> None:
    """Drop every cached session when AWS no longer knows one: the next call assumes its role again."""
    if error.code in SESSION_CODES:
        forget_everything()


def forget_everything() -> None:
    """Drop every cached client and session, the worker's own credentials too."""
    with _lock:
        _session.cache_clear()
        _sts.cache_clear()
        _clients.clear()
        _assumed.clear()


def opens_without_external_id(arn: str, session_name: str) -> bool:
    """Whether a role lets us in without the ExternalId, as it would let in anybody who can make us ask.

    False when AWS refuses; AwsError when it says something else.
    """
    try:
        with translated():
            _sts().assume_role(RoleArn=arn, RoleSessionName=session_name)
    except AwsError as error:
        if error.kind is ErrorKind.DENIED:
            return False
        raise
    return True


_assumed: OrderedDict[tuple[str, str], dict[str, Any]] = OrderedDict()


def _keep(kept: OrderedDict[Key, Value], key: Key, value: Value) -> None:
    """As the one that was used last; the one that was not for the longest time makes room."""
    kept[key] = value
    kept.move_to_end(key)
    if len(kept) > MOST_KEPT:
        kept.popitem(last=False)


def _make(service: str, arn: str, external_id: str, region: str, session_name: str) -> _Cached:
    credentials = _assume(arn, external_id, session_name)
    made = _session().client(
        service,
        region_name=region,
        aws_access_key_id=credentials["AccessKeyId"],
        aws_secret_access_key=credentials["SecretAccessKey"],
        aws_session_token=credentials["SessionToken"],
        config=_config(),
    )
    return _Cached(made, credentials["Expiration"] - SPARE)


def _assume(arn: str, external_id: str, session_name: str) -> dict[str, Any]:
    known = _assumed.get((arn, session_name))
    if known and known["Expiration"] - SPARE > datetime.now(UTC):
        _assumed.move_to_end((arn, session_name))
        return known
    with translated():
        answer = _sts().assume_role(RoleArn=arn, RoleSessionName=session_name, ExternalId=external_id)
    _keep(_assumed, (arn, session_name), answer["Credentials"])
    return dict(answer["Credentials"])
