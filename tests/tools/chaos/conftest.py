"""A mesh of its own with workers, for what is compared with what was agreed to."""

from collections.abc import Iterator
from typing import cast

import pytest
from pytest_django.fixtures import Settings

from mocklake.testing.in_process import InProcess
from mocklake.testing.server import Cloud
from tests.cloud_fixture import LATE_MILLISECONDS
from tests.database import TestDatabase
from tests.worker_cloud import use_in_process_cloud
from tests.workers.mesh import Mesh, make_mesh


@pytest.fixture
def mesh(in_process_cloud: InProcess, committed: TestDatabase, settings: Settings) -> Iterator[Mesh]:
    settings.CALL_DEADLINE, settings.LEASE, settings.SETTLE = 3.0, 5.0, 0.2
    settings.VISIBILITY_DELAY, settings.SCAN_EVERY = 0.01 + LATE_MILLISECONDS / 1000, 0.0
    with use_in_process_cloud(in_process_cloud):
        yield make_mesh(cast("Cloud", in_process_cloud))
