"""A plugin: one mocklake process with the bank for a whole test process, and worlds of their own for what must not be shared."""

from collections.abc import Iterator

import pytest

from demo.bank.accounts import SEED
from mocklake.testing.in_process import InProcess
from mocklake.testing.server import Cloud

RETRIES = 6
"""Of the tests' own calls, which AWS throttles as it does the portal's."""
LATE_MILLISECONDS = 20
SHORT_DELAYS = {"late_listing_milliseconds": LATE_MILLISECONDS, "write_milliseconds": 1}
"""Aws-like manners with delays that a test can wait for."""


@pytest.fixture(scope="session")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """Shared by all tests: each makes databases, roles and objects under names of its own."""
    with Cloud.start(tmp_path_factory.mktemp("mocklake"), seed=SEED, retries=RETRIES) as started:
        shorten_delays(started)
        yield started


def shorten_delays(aws: Cloud | InProcess) -> None:
    aws.control("manners", SHORT_DELAYS)
