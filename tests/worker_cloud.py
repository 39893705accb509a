"""mocklake as the workers of a test see it: their key, their endpoint, and nothing remembered of another."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache, lru_cache
from typing import Any

import pytest

from demo.bank.accounts import GOVERNANCE, REGION
from mocklake.testing.server import Cloud
from workers.aws import sessions


@contextmanager
def use_cloud(cloud: Cloud) -> Iterator[None]:
    """Inside the block `workers.aws` speaks to this cloud, as the role that the worker process runs with."""
    keys = cloud.control(f"credentials?account={GOVERNANCE}&role=meshmarket-worker")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", cloud.url)
        patch.setenv("AWS_DEFAULT_REGION", REGION)
        patch.setenv("AWS_ACCESS_KEY_ID", keys["AccessKeyId"])
        patch.setenv("AWS_SECRET_ACCESS_KEY", keys["SecretAccessKey"])
        patch.delenv("AWS_SESSION_TOKEN", raising=False)
        sessions.clear_sessions()
        patch.setattr(sessions, "_build_shared_client", cache_clients(cloud.url))
        yield
    sessions.clear_sessions()


@cache
def cache_clients(_url: str) -> Any:
    """boto3's clients for one mocklake stay: to make them anew for each test takes longer than their calls. They hold no keys."""
    return lru_cache(maxsize=100)(sessions._build_shared_client.__wrapped__)
