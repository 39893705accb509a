"""What --port may be."""

import argparse
import socket

import pytest

from demo.embedded import EmbeddedError
from demo.ports import HOST, must_be_free, port


def test_a_port_is_taken_as_it_is_given() -> None:
    assert port("8000") == 8000


def test_zero_is_a_free_port() -> None:
    found = port("0")
    assert 1024 <= found <= 65_535
    must_be_free(found)


@pytest.mark.parametrize("text", ["65536", "-1", "web", "", "8000.0"])
def test_what_is_no_port_is_told_and_not_tried(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="is no port: a number from 1 to 65535, or 0"):
        port(text)


def test_a_port_that_is_taken_is_told_by_its_number() -> None:
    with socket.socket() as taken:
        taken.bind((HOST, 0))
        taken.listen()
        number = taken.getsockname()[1]
        with pytest.raises(EmbeddedError, match=f"Port {number} is taken"):
            must_be_free(number)
