"""A mesh in a pretend AWS of its own: its switches, its clock and its shares are no other test's."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import cast

from pytest_django.fixtures import Settings

from demo.bank.accounts import SEED
from mocklake.testing.in_process import InProcess
from mocklake.testing.server import Cloud
from mocklake.testing.switches import Value
from tests.cloud_fixture import RETRIES
from tests.workers.mesh import Mesh, make_mesh
from tools.environment.process_connections import use_in_process_aws


@contextmanager
def make_own_mesh(settings: Settings, switches: Mapping[str, Value]) -> Iterator[Mesh]:
    """With these switches turned, and an engine that knows for how long a listing may be late."""
    aws = InProcess(SEED, retries=RETRIES)
    aws.control("switches", dict(switches))
    settings.CALL_DEADLINE, settings.LEASE, settings.SETTLE = 3.0, 5.0, 0.4
    settings.SCAN_EVERY, settings.CALLS_PER_SECOND, settings.BURST = 0.0, 1000.0, 1000
    late = aws.control("switches")["late_listing_milliseconds"]["value"]
    settings.VISIBILITY_DELAY = 0.01 + late / 1000
    with use_in_process_aws(aws):
        yield make_mesh(cast("Cloud", aws))
