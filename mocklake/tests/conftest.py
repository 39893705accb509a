"""One mocklake for a whole test process, with the accounts of mesh.yaml."""

from collections.abc import Iterator

import pytest

from mocklake.testing.server import Cloud
from mocklake.tests.accounts import MESH


@pytest.fixture(scope="session")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """Shared by all tests: each makes databases, roles and objects under names of its own."""
    with Cloud.start(tmp_path_factory.mktemp("mocklake"), seed=str(MESH)) as started:
        yield started
