"""Where AWS calls denied what is not there, a whole listing decides; but not one by a reader that may be kept from things."""

from collections.abc import Iterator

import pytest

from demo.bank.accounts import BI
from tests.workers.mesh import Mesh


@pytest.fixture
def hiding(mesh: Mesh) -> Iterator[Mesh]:
    mesh.cloud.control("switches", {"missing_looks_denied": True})
    yield mesh
    mesh.cloud.control("switches", {"missing_looks_denied": False})


@pytest.fixture
def kept_from_things(hiding: Mesh) -> Iterator[Mesh]:
    """Nobody says that the consumer's observer sees everything."""
    lake = hiding.cloud.client("lakeformation", BI)
    before = lake.get_data_lake_settings()["DataLakeSettings"]
    lake.put_data_lake_settings(DataLakeSettings=before | {"ReadOnlyAdmins": []})
    yield hiding
    lake.put_data_lake_settings(DataLakeSettings=before)


def test_a_link_that_is_not_there_yet_is_made(hiding: Mesh) -> None:
    hiding.run_until_presence(hiding.grant(), "present")


def test_a_table_that_is_gone_is_stale(hiding: Mesh) -> None:
    grant = hiding.grant()
    hiding.run_until_presence(grant, "present")
    hiding.governance_client("glue").delete_table(DatabaseName=hiding.database, Name=hiding.table.name)
    intent = hiding.run_until(grant, lambda intent: intent.presence == "stale")
    assert intent.failure.endswith("no longer exists")


def test_a_refusal_stays_one_for_who_may_not_see_everything(kept_from_things: Mesh) -> None:
    grant = kept_from_things.grant()
    intent = kept_from_things.run_until(grant, lambda intent: intent.presence == "unknown")
    assert intent.failure.startswith(
        "AWS could not be read: arn:aws:iam::310000000001:role/meshmarket-observer is neither a data lake"
    )
