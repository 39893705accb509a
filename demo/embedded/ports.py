"""Ports of this machine that the demo and its site listen on."""

import argparse
import random
import socket
from pathlib import Path

from demo.embedded.errors import EmbeddedError

HOST = "127.0.0.1"
HIGHEST = 65_535
QUIET = range(20_000, 32_000)
"""Below what systems give to connections that go out (Linux from 32,768; by RFC 6335 from 49,152), so that none of them takes a
port between its choice and its use.
"""
TRIES = 100


def port(text: str) -> int:
    """What a person gave as --port; 0 is any free one. For argparse."""
    if not (text.isdecimal() and int(text) <= HIGHEST):
        raise argparse.ArgumentTypeError(
            f"{text!r} is no port: a number from 1 to {HIGHEST}, or 0 for any free one"
        )
    return int(text) or a_free_one()


def is_free(number: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, number))
        except OSError:
            return False
    return True


def must_be_free(number: int) -> None:
    """EmbeddedError when something listens there."""
    if not is_free(number):
        raise EmbeddedError(
            f"Port {number} is taken: stop what listens there, or choose another with --port."
        )


def a_free_one() -> int:
    """EmbeddedError when nearly everything is taken."""
    lots = random.SystemRandom()
    found = next(filter(is_free, (lots.choice(QUIET) for _ in range(TRIES))), None)
    if found is None:
        raise EmbeddedError(f"No free port was found from {QUIET.start} to {QUIET.stop - 1}.")
    return found


def lasting(file: Path) -> int:
    """A free port that stays the same from start to start as long as it is free."""
    remembered = file.read_text() if file.exists() else ""
    if remembered.isdigit() and is_free(int(remembered)):
        return int(remembered)
    found = a_free_one()
    file.write_text(str(found))
    return found
