"""Losing the broker costs a request one refused connection and milliseconds of processor time."""

import json
import os
import statistics
import subprocess
import sys

import pytest

from demo.bootstrap import ROOT

MOST_MILLISECONDS = 50
# Kombu imports `sleep` by its name, so both are replaced before it is loaded.
WAKE_SCRIPT = """
import json, socket, time

calls = []
connect = socket.socket.connect
def count_connect(self, address):
    calls.append("connect")
    return connect(self, address)
socket.socket.connect = count_connect
time.sleep = lambda seconds: calls.append(f"sleep {seconds}")

import django
django.setup()
from marketplace.worker_wakeup import wake_workers

for _ in range(9):
    calls.clear()
    began = time.process_time()
    assert wake_workers() is False
    print(json.dumps([(time.process_time() - began) * 1000, *calls]))
"""


@pytest.mark.parametrize(
    "broker", ["redis://127.0.0.1:1/0", "unix:///nowhere/valkey.sock", "amqp://127.0.0.1:1//"]
)
def test_publishing_to_a_dead_broker_tries_once_and_costs_milliseconds(broker: str) -> None:
    environment = {**os.environ, "MESHMARKET_BROKER_URL": broker, "DJANGO_SETTINGS_MODULE": "demo.settings"}
    run = subprocess.run(
        [sys.executable, "-c", WAKE_SCRIPT],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    times, calls = zip(
        *((first, rest) for first, *rest in map(json.loads, run.stdout.splitlines())), strict=True
    )
    assert list(calls) == [["connect"]] * 9
    assert statistics.median(times) <= MOST_MILLISECONDS
    # The first loads the transport.
    assert times[0] <= 1000
