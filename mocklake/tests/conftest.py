"""One mocklake for a whole test process, with the accounts of mesh.yaml."""

from collections.abc import Iterator

import pytest

from mocklake.testing.server import Cloud
from mocklake.tests.accounts import MESH


@pytest.fixture(scope="session")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """Shared by all tests: each makes databases, roles and objects under names of its own.

    Polite, as its tests are about single behaviours; faults/test_manners.py is about the others.
    """
    with Cloud.start(tmp_path_factory.mktemp("mocklake"), seed=str(MESH), manners="polite") as started:
        yield started
