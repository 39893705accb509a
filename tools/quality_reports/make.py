"""`python -m tools.quality_reports.make`: run the tools anew, each in an environment of its own, and keep their result files.

It installs with pip, and takes some minutes. The names of the files hold the versions.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PROGRAMS = Path(__file__).with_name("programs")
FOLDER = Path("tests/catalog/quality/formats/files")
MADE_FILES = (r"file:///[^\"]*?/(?=validations/)", "file:///project/")
"""Great Expectations keeps pages in a place that it makes."""
NODE_KEYS = (
    "unique_id", "name", "resource_type", "relation_name", "column_name", "attached_node", "test_metadata",
)  # fmt: skip
"""Of a manifest, which is large: what the parser looks at."""
_ENVIRONMENT = {**os.environ, "DO_NOT_TRACK": "1", "SODA_CORE_TELEMETRY_ENABLED": "false"}
"""So that no tool tells its makers anything."""


@dataclass(frozen=True)
class ToolSetup:
    """`package` is the one whose version the files are named by."""

    package: str
    requirements: tuple[str, ...]
    program: str = ""


TOOLS = (
    ToolSetup("dbt-core", ("dbt-core~=1.12.0", "dbt-duckdb")),
    ToolSetup("dbt-core", ("dbt-core~=1.7.0", "dbt-duckdb~=1.7.0")),
    ToolSetup("great_expectations", ("great_expectations~=1.24",), "great_expectations_1"),
    ToolSetup("great_expectations", ("great_expectations~=0.18.22",), "great_expectations_0"),
    ToolSetup("soda-core", ("soda-core~=3.5.6", "soda-core-duckdb~=3.5.6"), "soda_scan"),
    ToolSetup("soda-core", ("soda-core~=4.28.0", "soda-duckdb~=4.28.0"), "soda_contract"),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--into", type=Path, default=FOLDER)
    parser.add_argument(
        "--environments", type=Path, help="Keep the environments in this folder and use them again."
    )
    parser.add_argument("--program", help="Run this program alone, such as `soda_contract`.")
    args = parser.parse_args()
    args.into.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary:
        for number, tool in enumerate(TOOLS):
            if args.program not in {None, tool.program}:
                continue
            environment = (args.environments or Path(temporary)).resolve() / f"environment-{number}"
            work = Path(temporary).resolve() / f"work-{number}"
            make_reports(tool, environment, work, args.into)


def make_reports(tool: ToolSetup, environment: Path, work: Path, into: Path) -> None:
    python = environment / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(environment)], check=True)
        install = [str(python), "-m", "pip", "install", "--quiet", "--prefer-binary", *tool.requirements]
        subprocess.run(install, check=True)
    shutil.copytree(PROGRAMS, work)
    files = _run_program(python, tool, work) if tool.program else _run_dbt(environment, work / "dbt")
    version = _read_version(python, tool.package)
    for path in files:
        found = _shorten(json.loads(path.read_text()))
        text = json.dumps(found, indent=1)
        for place, name in ((str(work), "/project"), (str(environment), "/environment"), MADE_FILES):
            text = re.sub(place, name, text)
        (into / f"{tool.package}-{version}-{path.stem}.json").write_text(f"{text}\n")


def _run_program(python: Path, tool: ToolSetup, work: Path) -> Iterable[Path]:
    results = work / "results"
    results.mkdir()
    program = [str(python), f"{tool.program}.py", str(results)]
    subprocess.run(program, cwd=work, env=_ENVIRONMENT, check=True, capture_output=True)
    return sorted(results.glob("*.json"))


def _run_dbt(environment: Path, project: Path) -> Iterable[Path]:
    """It fails, as some of the tests do."""
    dbt = [str(environment / "bin" / "dbt"), "build", "--profiles-dir", "."]
    subprocess.run(dbt, cwd=project, env=_ENVIRONMENT, check=False, capture_output=True)
    return [project / "target" / "manifest.json", project / "target" / "run_results.json"]


def _read_version(python: Path, package: str) -> str:
    code = f"from importlib.metadata import version; print(version({package!r}))"
    return subprocess.run(
        [str(python), "-c", code], check=True, capture_output=True, text=True
    ).stdout.strip()


def _shorten(found: dict[str, Any]) -> dict[str, Any]:
    """A manifest to what the parser looks at; others stay whole."""
    if "nodes" not in found or "metadata" not in found:
        return found
    nodes = {
        key: {name: node[name] for name in NODE_KEYS if name in node} for key, node in found["nodes"].items()
    }
    return {"metadata": found["metadata"], "nodes": nodes}


if __name__ == "__main__":
    main()
