"""Ports of this machine that the demo and its site listen on."""

import argparse
import random
import socket
from pathlib import Path

from demo.embedded.child_process import EmbeddedError

HOST = "127.0.0.1"
MAX_PORT = 65_535
PORT_RANGE = range(20_000, 32_000)
"""Below what systems give to connections that go out (Linux from 32,768; by RFC 6335 from 49,152), so that none of them takes a
port between its choice and its use.
"""
MAX_TRIES = 100


def parse_port(text: str) -> int:
    """What a person gave as --port; 0 is any free one. For argparse."""
    if not (text.isdecimal() and int(text) <= MAX_PORT):
        raise argparse.ArgumentTypeError(
            f"{text!r} is no port: a number from 1 to {MAX_PORT}, or 0 for any free one"
        )
    return int(text) or find_free_port()


def is_free(number: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, number))
        except OSError:
            return False
    return True


def check_port_free(number: int) -> None:
    """EmbeddedError when something listens there."""
    if not is_free(number):
        raise EmbeddedError(
            f"Port {number} is taken: stop what listens there, or choose another with --port."
        )


def find_free_port() -> int:
    """EmbeddedError when nearly everything is taken."""
    lots = random.SystemRandom()
    found = next(filter(is_free, (lots.choice(PORT_RANGE) for _ in range(MAX_TRIES))), None)
    if found is None:
        raise EmbeddedError(f"No free port was found from {PORT_RANGE.start} to {PORT_RANGE.stop - 1}.")
    return found


def get_stable_port(file: Path) -> int:
    """A free port that stays the same from start to start as long as it is free."""
    remembered = file.read_text() if file.exists() else ""
    if remembered.isdigit() and is_free(int(remembered)):
        return int(remembered)
    free_port = find_free_port()
    file.write_text(str(free_port))
    return free_port
