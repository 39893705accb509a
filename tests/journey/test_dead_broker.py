"""Losing the broker costs a request next to nothing."""

import os
import statistics
import subprocess
import sys

import pytest

from demo.bootstrap import ROOT

MOST_MILLISECONDS = 50
RING_SCRIPT = """
import time, django
django.setup()
from marketplace.worker_wakeup import wake_workers
for _ in range(9):
    began = time.perf_counter()
    assert wake_workers() is False
    print((time.perf_counter() - began) * 1000)
"""


@pytest.mark.parametrize(
    "broker", ["redis://127.0.0.1:1/0", "unix:///nowhere/valkey.sock", "amqp://127.0.0.1:1//"]
)
def test_publishing_to_a_dead_broker_costs_milliseconds(broker: str) -> None:
    environment = {**os.environ, "MESHMARKET_BROKER_URL": broker, "DJANGO_SETTINGS_MODULE": "demo.settings"}
    run = subprocess.run(
        [sys.executable, "-c", RING_SCRIPT],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    times = [float(line) for line in run.stdout.split()]
    assert statistics.median(times) <= MOST_MILLISECONDS
    # The first loads the transport; on a busy machine it may cost more, but never seconds.
    assert times[0] <= 1000
