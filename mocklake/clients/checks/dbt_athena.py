"""dbt on a small project: seeds, views, tables, incremental models, Iceberg, tests, documentation."""

import json
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

from mocklake.clients.checks.assertions import equal, holds

PROJECT = Path(__file__).parents[1] / "dbt_project"
SECONDS = 110


@cache
def _copy() -> Path:
    """Dbt writes beside its project."""
    return Path(shutil.copytree(PROJECT, "project"))


def _dbt(*words: str) -> None:
    program = str(Path(sys.executable).with_name("dbt"))
    quiet = ("--no-use-colors", "--no-send-anonymous-usage-stats")
    command = [program, *quiet, *words, "--profiles-dir", "."]
    done = subprocess.run(command, check=False, cwd=_copy(), capture_output=True, text=True, timeout=SECONDS)
    holds(done.returncode == 0, _reason(words[0]) or _last_line(done.stdout + done.stderr))


def _results(command: str) -> list[dict[str, Any]]:
    file = _copy() / "target" / "run_results.json"
    found = json.loads(file.read_text()) if file.exists() else {"args": {}}
    return list(found["results"]) if found["args"].get("which") == command else []


def _reason(command: str) -> str:
    failed = [one for one in _results(command) if one["status"] in ("error", "fail")]
    return " ".join((failed[0]["message"] or "").split()) if failed else ""


def _last_line(output: str) -> str:
    return ([line.strip() for line in output.splitlines() if line.strip()] or ["no output"])[-1]


def connect() -> None:
    _dbt("debug")


def load_seeds() -> None:
    _dbt("seed")


def build_views() -> None:
    _dbt("run", "--select", "staged_customers", "staged_orders")


def build_table() -> None:
    _dbt("run", "--select", "customers")


def build_partitioned_table() -> None:
    _dbt("run", "--select", "days")


def build_incremental_model() -> None:
    _dbt("run", "--select", "order_log")


def build_incremental_model_again() -> None:
    _dbt("run", "--select", "order_log")


def build_iceberg_model() -> None:
    _dbt("run", "--select", "iced_orders")


def merge_into_iceberg_model() -> None:
    _dbt("run", "--select", "iced_orders")


def build_all_again() -> None:
    _dbt("run")
    equal({one["status"] for one in _results("run")}, {"success"})


def test_data() -> None:
    _dbt("test")
    equal(len(_results("test")), 6)


def generate_documentation() -> None:
    _dbt("docs", "generate")
    catalog = json.loads((_copy() / "target" / "catalog.json").read_text())
    holds("model.bakery.customers" in catalog["nodes"])


def rebuild_everything() -> None:
    _dbt("build", "--full-refresh")
