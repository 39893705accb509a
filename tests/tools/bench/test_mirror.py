"""`manage.py bench mirror`: a slice, for what it compares; not for how long things take."""

import json
import subprocess
import sys

import pytest

from demo.bootstrap import ROOT
from tools.bench.mirror.datahub import has_columns

NOTHING = (
    "rows written without changes",
    "tables that differ from Glue",
    "tables wrongly taken for changed",
    "fields that differ after changes",
)


@pytest.mark.all
def test_the_mirror_of_a_small_catalog_is_field_by_field_what_the_endpoint_lists() -> None:
    command = [sys.executable, "manage.py", "bench", "mirror", "--quick", "--tables", "60"]
    done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True, timeout=900)
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    figures = {line["name"]: line for line in lines if "name" in line}
    assert {name: figures[name]["value"] for name in NOTHING} == dict.fromkeys(NOTHING, 0), done.stderr
    assert figures["full mirror"]["ratio_to"] == "bare boto3 listing"
    assert any("DataHub" in line.get("left_out", "") for line in lines)
    assert done.returncode == int(any(figure["ok"] is False for figure in figures.values()))


def test_a_table_of_datahub_is_a_snapshot_with_columns() -> None:
    columns: dict[str, object] = {"com.linkedin.pegasus2avro.schema.SchemaMetadata": {"fields": []}}
    aspects = {
        "urn": "urn:li:dataset:1",
        "aspects": [{"com.linkedin.pegasus2avro.common.Status": {}}, columns],
    }
    assert has_columns({"proposedSnapshot": {"com.linkedin.pegasus2avro.DatasetSnapshot": aspects}})
    assert not has_columns({"entityType": "container", "aspectName": "status", "aspect": {"json": {}}})
