"""The bank as new for each file of this folder, and after it: its tables are changed and dropped."""

from collections.abc import Iterator
from typing import Any

import pytest

from catalog.sync.models import SyncRun
from demo.bank.accounts import INSURANCE, REINSURANCE_REGION
from demo.seed.accounts import seed_accounts
from demo.seed.people import seed_people
from identity.accounts import ConnectedCatalog
from mocklake.testing.server import Cloud
from tests.database import as_role
from tests.worker_cloud import use_cloud
from workers.sync.runs import sync_catalog

DATABASE = "insurance_reinsurance"


@pytest.fixture(scope="module")
def cloud(cloud: Cloud) -> Iterator[Cloud]:
    cloud.control("reset", method="POST")
    with use_cloud(cloud):
        yield cloud
    cloud.control("reset", method="POST")


@pytest.fixture
def seeded(db: None, cloud: Cloud, settings: Any) -> Iterator[None]:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    with as_role("meshmarket_owner"):
        seed_people("a password for tests")
        seed_accounts()
    with as_role("meshmarket_worker"):
        yield


@pytest.fixture
def catalog(seeded: None) -> ConnectedCatalog:
    """The smaller one of the bank's two catalogs."""
    return ConnectedCatalog.objects.select_related("account").get(short_name="ins-euw1")


@pytest.fixture
def glue(cloud: Cloud) -> Any:
    return cloud.client("glue", INSURANCE, region=REINSURANCE_REGION)


@pytest.fixture
def hiding(cloud: Cloud) -> Iterator[None]:
    """A table that is not there looks forbidden."""
    cloud.control("switches", {"missing_looks_denied": True})
    yield
    cloud.control("switches", {"missing_looks_denied": False})


def sync_successfully(catalog: ConnectedCatalog) -> SyncRun:
    run = sync_catalog(catalog)
    assert (run.outcome, run.error) == (SyncRun.Outcome.DONE, "")
    return run


def make_table(glue: Any, name: str, comment: str = "", location: str = "") -> None:
    columns = [{"Name": "id", "Type": "string", "Comment": comment}]
    glue.create_table(
        DatabaseName=DATABASE,
        TableInput={"Name": name, "StorageDescriptor": {"Columns": columns, "Location": location}},
    )
