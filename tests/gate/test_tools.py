"""The gate: each tool is one test, its words are shown when it fails."""

import os
import subprocess
import sys

import pytest

from demo.bootstrap import ROOT

IMPORT_LINTER = "from importlinter.cli import lint_imports_command as lint; lint(['--no-cache'])"
TOOLS = {
    "mypy": ["-m", "mypy", "."],
    "ruff check": ["-m", "ruff", "check", "."],
    "ruff format": ["-m", "ruff", "format", "--check", "."],
    "lint-imports": ["-c", IMPORT_LINTER],
    "deptry": ["-m", "deptry", "."],
    "deptry of mocklake": ["-m", "deptry", "mocklake", "--config", "mocklake/pyproject.toml"],
    "djlint": ["-m", "djlint", "templates", "--lint", "--quiet"],
    "makemigrations": ["manage.py", "makemigrations", "--check", "--dry-run"],
}


@pytest.mark.parametrize("tool", TOOLS)
def test_gate(tool: str) -> None:
    done = subprocess.run(
        [sys.executable, *TOOLS[tool]],
        cwd=ROOT,
        env={**os.environ, "NO_COLOR": "1", "DJANGO_SETTINGS_MODULE": "demo.settings"},
        check=False,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        pytest.fail(f"{tool} failed\n{done.stdout}{done.stderr}", pytrace=False)
