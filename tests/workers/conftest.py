"""The engine on a real awsim process, with real commits."""

from collections.abc import Iterator

import pytest
from pytest_django.fixtures import Settings

from tests.awsim.cloud import Cloud
from tests.awsim.conftest import cloud
from tests.database import TestDatabase
from tests.workers.mesh import Mesh, make_mesh
from workers.aws import sessions

__all__ = ["cloud"]


@pytest.fixture
def mesh(
    cloud: Cloud, committed: TestDatabase, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Mesh]:
    """Accounts of the bank connected, a database of its own in Glue, a role of its own in each account."""
    settings.CALL_DEADLINE, settings.LEASE, settings.SETTLE = 3.0, 5.0, 0.2
    settings.VISIBILITY_DELAY, settings.SCAN_EVERY = 0.1, 0.0
    keys = cloud.control("credentials?account=111111111111&role=meshmarket-worker")
    monkeypatch.setenv("AWS_ENDPOINT_URL", cloud.url)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", keys["AccessKeyId"])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", keys["SecretAccessKey"])
    sessions.forget_everything()
    made = make_mesh(cloud)
    yield made
    cloud.control("faults", method="DELETE")
    sessions.forget_everything()
