"""DataHub's Glue source in its default configuration, into a file."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import boto3
from datahub.ingestion.run.pipeline import Pipeline

from mocklake.clients.checks.assertions import LAKE, REGION, equal, holds

COLUMNS = [{"Name": "id", "Type": "bigint", "Comment": "Order number"}, {"Name": "bread", "Type": "string"}]


def _prepare() -> None:
    glue = boto3.client("glue")
    glue.create_database(DatabaseInput={"Name": "shop", "Description": "A shop"})
    for name in ("orders", "breads"):
        storage = {"Columns": COLUMNS, "Location": f"{LAKE}/{name}/"}
        table = {
            "Name": name,
            "Description": "What was sold",
            "StorageDescriptor": storage,
            "TableType": "EXTERNAL_TABLE",
            "PartitionKeys": [{"Name": "sold_on", "Type": "date"}],
        }
        glue.create_table(DatabaseName="shop", TableInput=table)


@cache
def _ingest(**options: Any) -> Any:
    file = f"found-{len(options)}.json"
    source = {"type": "glue", "config": {"aws_region": REGION, **options}}
    pipeline = Pipeline.create(
        {"source": source, "sink": {"type": "file", "config": {"filename": file}}}, report_to=None
    )
    pipeline.run()
    return pipeline, json.loads(Path(file).read_text())


def _aspects(name: str, **options: Any) -> list[Any]:
    found = []
    for one in _ingest(**options)[1]:
        snapshot = one.get("proposedSnapshot", {}).get(
            "com.linkedin.pegasus2avro.metadata.snapshot.DatasetSnapshot"
        )
        parts = snapshot["aspects"] if snapshot else []
        found += [
            value
            for part in parts
            for key, value in part.items()
            if key.rsplit(".", 1)[-1].lower() == name.lower()
        ]
        if one.get("aspectName", "").lower() == name.lower():
            found.append(one["aspect"].get("json") or json.loads(one["aspect"]["value"]))
    return found


def run_by_default() -> None:
    _prepare()
    pipeline, _ = _ingest()
    pipeline.raise_from_status(raise_warnings=True)


def find_tables() -> None:
    pipeline, _ = _ingest()
    equal(pipeline.source.get_report().tables_scanned, 2)


def find_names_and_descriptions() -> None:
    found = _aspects("datasetProperties")
    equal({one["name"] for one in found}, {"orders", "breads"})
    equal({one["description"] for one in found}, {"What was sold"})


def find_columns() -> None:
    fields = [field["fieldPath"].rsplit(".", 1)[-1] for field in _aspects("schemaMetadata")[0]["fields"]]
    equal(fields, ["id", "bread", "sold_on"])


def find_column_comments() -> None:
    holds("Order number" in json.dumps(_aspects("schemaMetadata")))


def find_database() -> None:
    holds("shop" in {one.get("name") for one in _aspects("containerProperties")})


def find_lineage_to_s3() -> None:
    holds(f"{LAKE[5:]}/orders" in json.dumps(_aspects("upstreamLineage", emit_s3_lineage=True)))


def run_without_transforms() -> None:
    pipeline, _ = _ingest(extract_transforms=False, ignore_resource_links=True)
    pipeline.raise_from_status(raise_warnings=True)
