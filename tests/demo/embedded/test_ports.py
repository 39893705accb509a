"""What --port may be."""

import argparse
import socket
from pathlib import Path

import pytest

from demo.embedded.child_process import EmbeddedError
from demo.embedded.ports import HOST, PORT_RANGE, check_port_free, find_free_port, parse_port


def test_a_port_is_taken_as_it_is_given() -> None:
    assert parse_port("8000") == 8000


def test_zero_is_a_free_port() -> None:
    found = parse_port("0")
    assert found in PORT_RANGE
    check_port_free(found)


def test_no_connection_that_goes_out_is_given_a_port_that_was_chosen() -> None:
    lowest = Path("/proc/sys/net/ipv4/ip_local_port_range")
    if not lowest.exists():
        pytest.skip("not a Linux: RFC 6335 begins at 49,152")
    assert PORT_RANGE.stop <= int(lowest.read_text().split()[0])


def test_where_everything_is_taken_that_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("demo.embedded.ports.is_free", lambda _number: False)
    with pytest.raises(EmbeddedError, match="No free port was found from 20000 to 31999"):
        find_free_port()


@pytest.mark.parametrize("text", ["65536", "-1", "web", "", "8000.0"])
def test_what_is_no_port_is_told_and_not_tried(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="is no port: a number from 1 to 65535, or 0"):
        parse_port(text)


def test_a_port_that_is_taken_is_told_by_its_number() -> None:
    with socket.socket() as taken:
        taken.bind((HOST, 0))
        taken.listen()
        number = taken.getsockname()[1]
        with pytest.raises(EmbeddedError, match=f"Port {number} is taken"):
            check_port_free(number)
