"""A process with the settings that ship, and nothing of the tests' own."""

import os
import subprocess
import sys

from demo.bootstrap import ROOT

PRODUCTION = {
    "DJANGO_SETTINGS_MODULE": "marketplace.settings",
    "MESHMARKET_HOSTS": "data.example",
    "MESHMARKET_SECRET_KEY": "k7Xq0vT2m9Zr4LbN8sYc5WdE1uHg6JfAoPi3",
    "DATABASE_URL": "postgres://nobody@127.0.0.1:1/none",
    "MESHMARKET_LOG_LEVEL": "CRITICAL",
}


def run_in_production(
    code: str, without: tuple[str, ...] = (), **given: str
) -> subprocess.CompletedProcess[str]:
    kept = {
        name: text for name, text in os.environ.items() if not name.startswith(("MESHMARKET_", "DJANGO_"))
    }
    environment = {
        name: text for name, text in {**kept, **PRODUCTION, **given}.items() if name not in without
    }
    return subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True,
        text=True, check=False, timeout=60,
    )  # fmt: skip
