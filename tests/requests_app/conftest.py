import socket
from collections.abc import Iterator

import pytest

from tests.bank import Bank, make_bank


@pytest.fixture
def bank(db: None) -> Bank:
    return make_bank()


@pytest.fixture
def refusing_port() -> Iterator[int]:
    """Nothing listens there, and nothing else can take it."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]
