"""The engine on a mocklake, with real commits."""

from collections.abc import Iterator
from typing import cast

import pytest
from pytest_django.fixtures import Settings

from demo.bank.accounts import BI, PARTNER, SEED
from mocklake.testing.in_process import InProcess
from mocklake.testing.server import Cloud
from requests_app.grants.link_naming.queries import TABLE_LINKS
from tests.cloud_fixture import LATE_MILLISECONDS, RETRIES, shorten_delays
from tests.database import TestDatabase
from tests.registrations import make_producer
from tests.worker_cloud import use_cloud
from tests.workers.link_flows import choose_naming
from tests.workers.mesh import Mesh, make_mesh
from tests.workers.producer import Producer, get_domain
from tools.environment.process_connections import use_in_process_aws


@pytest.fixture(scope="session")
def in_process_cloud() -> InProcess:
    """As `cloud`, without a process and its sockets, which take a third of a test's time."""
    aws = InProcess(SEED, retries=RETRIES)
    shorten_delays(aws)
    return aws


@pytest.fixture
def quick_rounds(settings: Settings) -> None:
    settings.CALL_DEADLINE, settings.LEASE, settings.SETTLE = 3.0, 5.0, 0.2
    settings.VISIBILITY_DELAY, settings.SCAN_EVERY = 0.01 + LATE_MILLISECONDS / 1000, 0.0


@pytest.fixture
def mesh(cloud: Cloud, committed: TestDatabase, quick_rounds: None) -> Iterator[Mesh]:
    """Accounts of the bank connected, a database of its own in Glue, a role of its own in each account."""
    with use_cloud(cloud):
        yield make_mesh(cloud)
        cloud.control("faults", method="DELETE")


@pytest.fixture
def in_process_mesh(
    in_process_cloud: InProcess, committed: TestDatabase, quick_rounds: None
) -> Iterator[Mesh]:
    """As `mesh`, where no other process calls AWS."""
    with use_in_process_aws(in_process_cloud):
        yield make_mesh(cast("Cloud", in_process_cloud))
        in_process_cloud.control("faults", method="DELETE")


@pytest.fixture
def tables(mesh: Mesh) -> Mesh:
    """A mesh in which both consuming accounts have tables land by links of their own."""
    for account in (BI, PARTNER):
        choose_naming(mesh, TABLE_LINKS, account)
    return mesh


@pytest.fixture(params=[BI, pytest.param(PARTNER, marks=pytest.mark.all)])
def producer(mesh: Mesh, request: pytest.FixtureRequest) -> Producer:
    account = mesh.roles[request.param].account
    make_producer(account, get_domain(mesh))
    return Producer(mesh, request.param, mesh.database.replace("lives", "registered"))
