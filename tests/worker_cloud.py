"""awsim as the workers of a test see it: their key, their endpoint, and nothing remembered of another."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from awsim.testing.server import Cloud
from demo.bank.accounts import (
    GOVERNANCE,
    REGION,
)
from workers.aws import sessions


@contextmanager
def workers_in(cloud: Cloud) -> Iterator[None]:
    """Inside the block `workers.aws` speaks to this cloud, as the role that the worker process runs with."""
    keys = cloud.control(f"credentials?account={GOVERNANCE}&role=meshmarket-worker")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", cloud.url)
        patch.setenv("AWS_DEFAULT_REGION", REGION)
        patch.setenv("AWS_ACCESS_KEY_ID", keys["AccessKeyId"])
        patch.setenv("AWS_SECRET_ACCESS_KEY", keys["SecretAccessKey"])
        patch.delenv("AWS_SESSION_TOKEN", raising=False)
        sessions.forget_everything()
        yield
    sessions.forget_everything()
