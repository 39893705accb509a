"""`python -m mocklake --port N --state DIR --seed example`: serve on 127.0.0.1 until SIGTERM or Ctrl-C."""

import argparse
import contextlib
import fcntl
import gc
import logging
import os
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import Any

from werkzeug.serving import BaseWSGIServer

from mocklake import moto_bridge, partitions
from mocklake.manners import NAMED
from mocklake.seeds.mesh_file import SeedError
from mocklake.server.control_api import Control, token_of
from mocklake.server.gateway import Gateway
from mocklake.server.http_server import Ticker, Writer, make_http_server
from mocklake.server.simulator import Simulator
from mocklake.server.snapshot import UnreadableSnapshotError

HIGHEST_PORT = 65_535


def build(
    folder: Path,
    seed: str,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    strict: bool = False,
    manners: str = "",
    partition: str = partitions.DEFAULT,
) -> tuple[BaseWSGIServer, Simulator]:
    """A server that is ready to serve. Raises SystemExit with one line when port or folder are taken."""
    moto_bridge.check_moto()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _lock(folder)
    simulator = Simulator(folder, seed, manners, partition)
    _open(simulator)
    gateway = Gateway(simulator, Control(simulator, token_of(folder)), strict=strict)
    return make_http_server(host, port, gateway), simulator


def _open(simulator: Simulator) -> None:
    """Without the collector of cycles, which would look through a growing world again and again, and find none."""
    gc.disable()
    simulator.open()
    gc.freeze()
    gc.enable()


def _lock(folder: Path) -> None:
    """Held until the process ends, however it ends."""
    descriptor = os.open(folder / "lock", os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        sys.exit(f"mocklake: another mocklake runs on {folder}")


def main(arguments: list[str] | None = None) -> int:
    options = _options(arguments)
    logging.basicConfig(level=logging.WARNING, format="mocklake: %(message)s")
    try:
        server, simulator = build(
            options.state,
            options.seed,
            host=options.host,
            port=options.port,
            strict=options.strict,
            manners=options.manners,
            partition=options.partition,
        )
    except (UnreadableSnapshotError, moto_bridge.UnfitMotoError, SeedError) as error:
        sys.exit(f"mocklake: {error}")
    writer = Writer(simulator)
    writer.start()
    ticker = Ticker(simulator)
    ticker.start()
    with contextlib.suppress(KeyboardInterrupt):
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, _interrupt)
        sys.stdout.write(f"mocklake listens on http://{options.host}:{server.port}\n")
        sys.stdout.flush()
        server.serve_forever(poll_interval=None)  # type: ignore[arg-type] # a signal ends it
    server.server_close()
    ticker.stop()
    writer.stop()
    # What is frozen is not collected at the end either, and DuckDB then tells of each object that it leaked.
    gc.unfreeze()
    return 0 if simulator.snapshot_health.is_ok else 1


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    """Ends `serve_forever`, which otherwise waits for calls alone. A second signal does not break off what ends."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


def _port(text: str) -> int:
    if not (text.isdecimal() and int(text) <= HIGHEST_PORT):
        raise argparse.ArgumentTypeError(f"{text!r} is no port: 0 to {HIGHEST_PORT}")
    return int(text)


def _options(arguments: list[str] | None) -> Any:
    parser = argparse.ArgumentParser(prog="mocklake", description="A pretend AWS of several accounts.")
    parser.add_argument("--port", type=_port, default=0, help="0 takes a free one and prints it")
    parser.add_argument(
        "--host", default="127.0.0.1", help="anything else exposes it: only inside a container"
    )
    parser.add_argument(
        "--state", type=Path, required=True, help="folder of the snapshot and the control token"
    )
    parser.add_argument("--seed", default="", help="example, a YAML file, or a Python module of your own")
    parser.add_argument(
        "--manners", choices=NAMED, default="", help="how calls are treated; the default is aws-like"
    )
    parser.add_argument(
        "--partition",
        choices=partitions.names(),
        default=partitions.DEFAULT,
        help="of the one account without a seed; a seed's accounts say their own",
    )
    parser.add_argument(
        "--strict", action="store_true", help="an answer that AWS's model does not have is an InternalFailure"
    )
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
