"""`python -m tools.bench.mirror.datahub URL`: DataHub's Glue source into a file, with its cheapest settings; prints seconds and tables.

Runs in a Python that has `acryl-datahub[glue]`. Neither jobs nor lineage nor profiles are read, and nothing is sent to a
server of DataHub's, which would come on top.
"""

import json
import logging
import os
import sys
import tempfile
import time
from importlib import import_module
from pathlib import Path
from typing import Any

PACKAGE = "acryl-datahub[glue]"
NO_TELEMETRY = {"DATAHUB_TELEMETRY_ENABLED": "false"}
REGION = "eu-central-1"


def build_recipe(file: Path) -> dict[str, Any]:
    """What DataHub calls a recipe."""
    return {
        "source": {"type": "glue", "config": {"aws_region": REGION, "extract_transforms": False}},
        "sink": {"type": "file", "config": {"filename": str(file)}},
    }


def main() -> None:
    logging.disable(logging.WARNING)
    os.environ.update(NO_TELEMETRY, AWS_ENDPOINT_URL=sys.argv[1])
    pipeline: Any = import_module("datahub.ingestion.run.pipeline").Pipeline
    import_module("datahub.ingestion.source.aws.glue")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "told.json"
        began = time.perf_counter()
        run = pipeline.create(build_recipe(file), report_to=None)
        run.run()
        run.raise_from_status()
        seconds = time.perf_counter() - began
        tables = sum(map(has_columns, json.loads(file.read_text())))
    sys.stdout.write(json.dumps({"seconds": seconds, "tables": tables}) + "\n")


def has_columns(row: dict[str, Any]) -> bool:
    """Whether it is a table as the source tells it: a snapshot of which one aspect is the columns."""
    snapshots = row.get("proposedSnapshot", {}).values()
    return any(
        name.endswith(".SchemaMetadata")
        for snapshot in snapshots
        for aspect in snapshot["aspects"]
        for name in aspect
    )


if __name__ == "__main__":
    main()
