"""Losing the broker costs a request one refused connection."""

import os
import subprocess
import sys

import pytest

from demo.bootstrap import ROOT

WAKE_SCRIPT = """
import socket, time
import django
django.setup()
from marketplace.worker_wakeup import wake_workers

calls = []
connect = socket.socket.connect
def count_connect(self, address):
    calls.append("connect")
    return connect(self, address)
socket.socket.connect = count_connect
time.sleep = lambda seconds: calls.append(f"sleep {seconds}")

for _ in range(3):
    calls.clear()
    assert wake_workers() is False
    print(", ".join(calls))
"""


@pytest.mark.parametrize(
    "broker", ["redis://127.0.0.1:1/0", "unix:///nowhere/valkey.sock", "amqp://127.0.0.1:1//"]
)
def test_publishing_to_a_dead_broker_tries_once_and_never_sleeps(broker: str) -> None:
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
    assert run.stdout.splitlines() == ["connect"] * 3
