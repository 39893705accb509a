"""A mesh of its own with workers, for what is compared with what was agreed to."""

from collections.abc import Iterator

import pytest
from pytest_django.fixtures import Settings

from mocklake.testing.server import Cloud
from tests.cloud_fixture import LATE_MILLISECONDS
from tests.database import TestDatabase
from tests.worker_cloud import use_cloud
from tests.workers.mesh import Mesh, make_mesh


@pytest.fixture
def mesh(cloud: Cloud, committed: TestDatabase, settings: Settings) -> Iterator[Mesh]:
    settings.CALL_DEADLINE, settings.LEASE, settings.SETTLE = 3.0, 5.0, 0.2
    settings.VISIBILITY_DELAY, settings.SCAN_EVERY = 0.01 + LATE_MILLISECONDS / 1000, 0.0
    with use_cloud(cloud):
        yield make_mesh(cloud)
