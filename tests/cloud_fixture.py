"""A plugin: one mocklake process with the bank for a whole test process, and worlds of their own for what must not be shared."""

from collections.abc import Iterator

import pytest

from demo.bank.accounts import SEED
from mocklake.testing.server import Cloud


@pytest.fixture(scope="session")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """Shared by all tests: each makes databases, roles and objects under names of its own."""
    with Cloud.start(tmp_path_factory.mktemp("mocklake"), seed=SEED) as started:
        yield started
