"""Clients in another account: one role assumed, one call sent, no retries of the SDK's own."""

import threading
from collections.abc import Iterable
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
from workers.aws.clients import Speaker, client_of, forget_clients, session_as_ourselves
from workers.aws.errors import AwsError, ErrorKind, translated

RoleName = Literal["observer", "executor"]
SPARE = timedelta(minutes=5)
CONNECT_SECONDS = 2
MOST_KEPT = 500
"""Sessions: a round's own are of no use after it, those that observe are used again and again."""
_lock = threading.Lock()
"""Held while a client is made, as boto3 makes them in no other way than one at a time; never while AWS is asked."""


@lru_cache(maxsize=1)
def _session() -> boto3.session.Session:
    return session_as_ourselves()


@lru_cache(maxsize=1)
def _sts() -> Any:
    """As the worker itself."""
    return _session().client(
        "sts", region_name=settings.AWS_WORKER_REGION, config=_config(settings.CALL_DEADLINE)
    )


@lru_cache(maxsize=1)
def worker_role() -> str:
    """As whom the workers run: the ARN of the session, or of a user. AwsError."""
    with translated():
        return str(_own_sts().get_caller_identity()["Arn"])


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
    keys = _assume(arn, account.external_id, session_name)
    with _lock:
        return client_of(Speaker(account.account_id, keys), service, region, _config(settings.CALL_DEADLINE))


def make_ready(services: Iterable[str], regions: Iterable[str]) -> None:
    """Makes clients before there is anybody to speak as: whoever is forked from this process then has them."""
    with _lock:
        _sts()
        nobody = Speaker("", ReadOnlyCredentials("", "", None))
        for service, region in product(services, regions):
            client_of(nobody, service, region, _config(settings.CALL_DEADLINE))


def forget(error: AwsError) -> None:
    """Drop every cached session when AWS no longer knows one: the next call assumes its role again."""
    if error.kind is ErrorKind.ENDED:
        forget_everything()


def forget_everything() -> None:
    """Drop every cached client and session, the worker's own credentials too."""
    with _lock:
        _session.cache_clear()
        _sts.cache_clear()
        worker_role.cache_clear()
        forget_clients()
        _assumed.clear()


def opens_without_external_id(arn: str, session_name: str) -> bool:
    """Whether a role lets us in without the ExternalId, as it would let in anybody who can make us ask.

    False when AWS refuses; AwsError when it says something else.
    """
    try:
        with translated():
            _own_sts().assume_role(RoleArn=arn, RoleSessionName=session_name)
    except AwsError as error:
        if error.kind is ErrorKind.DENIED:
            return False
        raise
    return True


Session = tuple[str, str]
"""Role and session name."""
Keys = tuple[ReadOnlyCredentials, datetime]
"""And until when they are good."""


def sessions_kept(most: int) -> TLRUCache[Session, Keys, datetime]:
    return TLRUCache(most, ttu=lambda _session, keys, _now: keys[1] - SPARE, timer=lambda: datetime.now(UTC))


_assumed = sessions_kept(MOST_KEPT)
_asking: WeakValueDictionary[Session, threading.Lock] = WeakValueDictionary()
"""Held while AWS is asked for those keys: whoever wants the same waits for them, and nobody else does."""


def _assume(arn: str, external_id: str, session_name: str) -> ReadOnlyCredentials:
    """AwsError."""
    with _lock:
        asking = _asking.setdefault((arn, session_name), threading.Lock())
    with asking:
        with _lock:
            known = _assumed.get((arn, session_name))
        if known:
            return known[0]
        with translated():
            answer = _own_sts().assume_role(RoleArn=arn, RoleSessionName=session_name, ExternalId=external_id)
        made = answer["Credentials"]
        keys = ReadOnlyCredentials(made["AccessKeyId"], made["SecretAccessKey"], made["SessionToken"])
        with _lock:
            _assumed[arn, session_name] = keys, made["Expiration"]
    return keys


def _own_sts() -> Any:
    with _lock:
        return _sts()
