"""One run of a crawler: it looks at the objects below its targets and writes tables and partitions, all as its role.

Sources: Glue Developer Guide, crawler-configuration (schema changes, deletions, MergeNewColumns), add-crawler (the
role needs its own IAM and, where Lake Formation decides, Lake Formation's permissions), crawler-lf-integ (reading
as the registered location). Assumed: what people wrote to a table's comments and parameters stays.

Source: Glue Developer Guide, crawler-s3-folder-table-partition and define-crawler (exclusions are globs below the
include path: * and ? stay inside a folder, ** does not; [..] and {a,b}).
"""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from mocklake import moto_bridge
from mocklake.athena.objects import is_data
from mocklake.errors import AwsError
from mocklake.glue.store import Table, find_database, find_table
from mocklake.glue_runs import running, schemas
from mocklake.glue_runs.crawlers import Crawl, Crawler, get_crawlers_of
from mocklake.glue_runs.running import Key
from mocklake.glue_runs.schemas import Schema
from mocklake.iam import resource_access
from mocklake.iam.callers import Caller
from mocklake.lakeformation.authority import Viewer
from mocklake.lakeformation.data_locations import require_location
from mocklake.lakeformation.store import book_of
from mocklake.world import World

BATCH = 100
_TEXT_IN = "org.apache.hadoop.mapred.TextInputFormat"
_TEXT_OUT = "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat"
_FORMATS = {
    "parquet": ("org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
                "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
                "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"),
    "json": (_TEXT_IN, _TEXT_OUT, "org.openx.data.jsonserde.JsonSerDe"),
    "csv": (_TEXT_IN, _TEXT_OUT, "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"),
}  # fmt: skip


def finish(world: World, key: Key) -> None:
    """The crawl ends COMPLETED, FAILED with the reason, or STOPPED with nothing done."""
    _, account, region, name = key
    crawler = get_crawlers_of(world, account, region).get(name)
    crawl = crawler.current if crawler else None
    if crawler is None or crawl is None:
        return
    if crawl.stopping:
        crawl.state = "STOPPED"
    else:
        try:
            _Run(world, crawler, crawl, running.build_role_caller(crawler.body["Role"], region)).go()
            crawl.state = "COMPLETED"
        except AwsError as error:
            crawl.state, crawl.error = "FAILED", f"{error.code}: {error.message}"
    crawl.ended_at = world.now()


@dataclass(frozen=True)
class Laid:
    """One table as it lies: `prefix` ends with a slash; `parts` are objects' names by their partition's values."""

    prefix: str
    schema: Schema
    keys: tuple[str, ...] = ()
    parts: Mapping[tuple[str, ...], list[str]] = field(default_factory=dict)


class _Run:
    """What a run knows while it goes."""

    def __init__(self, world: World, crawler: Crawler, crawl: Crawl, who: Caller) -> None:
        self.world, self.crawl, self.who = world, crawl, who
        self.name, self.body = crawler.name, crawler.body
        self.database = str(crawler.body["DatabaseName"]).lower()
        self.catalog_id = str(crawler.body.get("CatalogId") or who.account)

    def go(self) -> None:
        kept: set[str] = set()
        for target in self.body["Targets"]["S3Targets"]:
            bucket, laid = self._look(target)
            for one in laid:
                kept.add(self._keep(bucket, one))
        self._drop_others(kept)

    def _look(self, target: dict[str, Any]) -> tuple[str, list[Laid]]:
        """The tables below one include path."""
        bucket, _, prefix = target["Path"].removeprefix("s3://").partition("/")
        prefix = prefix and prefix.rstrip("/") + "/"
        reader = self._reader(bucket, prefix)
        found = moto_bridge.objects(bucket, prefix)
        globs = target.get("Exclusions", [])
        chosen = {
            name: content
            for name, content in found.items()
            if content and is_data(name) and not is_excluded(name[len(prefix) :], globs)
        }
        _check_reading(reader, bucket, list(chosen))
        looked = {name: schemas.of(content) for name, content in chosen.items()}
        return bucket, find_tables(prefix, {name: one for name, one in looked.items() if one})

    def _reader(self, bucket: str, prefix: str) -> str:
        """The role itself, or with Lake Formation's credentials the role of the registered location."""
        if not self.body.get("LakeFormationConfiguration", {}).get("UseLakeFormationCredentials"):
            return self.who.arn
        viewer, path = (
            Viewer(self.who.arn, self.who.account, self.who.region),
            moto_bridge.object_arn(bucket, prefix),
        )
        require_location(self.world, viewer, catalog_id=self.who.account, location=f"s3://{bucket}/{prefix}")
        locations = book_of(self.world, self.who.account, self.who.region).locations
        covering = [arn for arn in locations if path.startswith(arn.rstrip("/") + "/")]
        return str(locations[max(covering, key=len)].body["RoleArn"]) if covering else self.who.arn

    def _keep(self, bucket: str, laid: Laid) -> str:
        """The name of the table, which is now as the objects say, as far as the policy lets it."""
        location = f"s3://{bucket}/{laid.prefix}"
        name = self._named(bucket, laid, location)
        old, new = self._find(name), build_table_input(name, location, laid, self.name)
        if old is None:
            self._call("CreateTable", TableInput=new)
            self.crawl.created.append(name)
        elif self.body["SchemaChangePolicy"].get("UpdateBehavior") != "LOG":
            self._update(old, new)
        if laid.keys:
            self._register(name, location, laid, new)
        return name

    def _named(self, bucket: str, laid: Laid, location: str) -> str:
        """After the folder; a table of that name that lies elsewhere is left alone."""
        last = laid.prefix.rstrip("/").rsplit("/", 1)[-1] or bucket
        plain = self.body.get("TablePrefix", "") + last
        name = re.sub(r"[^a-z0-9_]", "_", plain.lower())
        old = self._find(name)
        if old is None or old.location.rstrip("/") == location.rstrip("/"):
            return name
        return f"{name}_{hashlib.md5(location.encode(), usedforsecurity=False).hexdigest()}"

    def _update(self, old: Table, new: dict[str, Any]) -> None:
        before, after = old.body.get("StorageDescriptor", {}), new["StorageDescriptor"]
        known = {column["Name"].lower(): column for column in before.get("Columns", [])}
        after["Columns"] = [
            known[column["Name"]] if known.get(column["Name"], {}).get("Type") == column["Type"] else column
            for column in after["Columns"]
        ]
        if self._merges():
            there = {column["Name"] for column in after["Columns"]}
            after["Columns"] = [
                *(
                    next((n for n in after["Columns"] if n["Name"] == name), one)
                    for name, one in known.items()
                ),
                *(column for column in after["Columns"] if column["Name"] in there - known.keys()),
            ]
        parameters = old.body.get("Parameters", {})
        same = (before.get("Columns"), before.get("SerdeInfo")) == (after["Columns"], after["SerdeInfo"])
        if same and "DEPRECATED_BY_CRAWLER" not in parameters:
            return
        kept = {name: value for name, value in parameters.items() if name != "DEPRECATED_BY_CRAWLER"}
        body = {**old.body, **new, "Parameters": {**kept, **new["Parameters"]}}
        self._call("UpdateTable", TableInput=body | {"PartitionKeys": old.body.get("PartitionKeys", [])})
        self.crawl.updated.append(old.name)

    def _merges(self) -> bool:
        try:
            output = json.loads(self.body.get("Configuration") or "{}").get("CrawlerOutput", {})
        except (ValueError, AttributeError):
            return False
        return bool(output.get("Tables", {}).get("AddOrUpdateBehavior") == "MergeNewColumns")

    def _register(self, name: str, location: str, laid: Laid, table: dict[str, Any]) -> None:
        found = self._find(name)
        known = found.partitioning.by_values if found and found.partitioning else {}
        fresh = [
            build_partition_input(values, _build_folder(location, laid, values), table)
            for values in sorted(laid.parts)
            if values not in known
        ]
        for start in range(0, len(fresh), BATCH):
            chunk = fresh[start : start + BATCH]
            self._call("BatchCreatePartition", TableName=name, PartitionInputList=chunk)
        gone = [{"Values": list(values)} for values in known if values not in laid.parts]
        if self.body["SchemaChangePolicy"].get("DeleteBehavior") == "DELETE_FROM_DATABASE":
            for start in range(0, len(gone), 25):
                self._call(
                    "BatchDeletePartition", TableName=name, PartitionsToDelete=gone[start : start + 25]
                )

    def _drop_others(self, kept: set[str]) -> None:
        """Tables of this crawler below its targets whose objects are gone."""
        behaviour = self.body["SchemaChangePolicy"].get("DeleteBehavior", "DEPRECATE_IN_DATABASE")
        parent = find_database(self.world, self.catalog_id, self.who.region, self.database)
        paths = tuple(target["Path"].rstrip("/") + "/" for target in self.body["Targets"]["S3Targets"])
        for table in list(parent.tables.values()) if parent and behaviour != "LOG" else ():
            parameters = table.body.get("Parameters", {})
            is_own = parameters.get("UPDATED_BY_CRAWLER") == self.name
            if table.name in kept or not is_own or not (table.location.rstrip("/") + "/").startswith(paths):
                continue
            if behaviour == "DELETE_FROM_DATABASE":
                self._call("DeleteTable", Name=table.name)
                self.crawl.deleted.append(table.name)
            elif "DEPRECATED_BY_CRAWLER" not in parameters:
                moment = str(int(self.world.now().timestamp() * 1000))
                marked = {**parameters, "DEPRECATED_BY_CRAWLER": moment}
                self._call("UpdateTable", TableInput={**table.body, "Name": table.name, "Parameters": marked})
                self.crawl.updated.append(table.name)

    def _find(self, name: str) -> Table | None:
        return find_table(self.world, self.catalog_id, self.who.region, self.database, name)

    def _call(self, operation: str, **params: Any) -> None:
        """As a client with the role's credentials would."""
        place = {"CatalogId": self.catalog_id, "DatabaseName": self.database}
        running.call_glue(self.world, self.who, operation, place | params)


def _build_folder(location: str, laid: Laid, values: tuple[str, ...]) -> str:
    """Where a partition lies, by one of its objects."""
    name = laid.parts[values][0]
    return location + "".join(f"{part}/" for part in name[len(laid.prefix) :].split("/")[:-1])


def _check_reading(reader: str, bucket: str, names: list[str]) -> None:
    root = moto_bridge.object_arn(bucket)
    allowed = resource_access.may_use_s3(reader, "s3:ListBucket", root, bucket)
    if not (
        allowed
        and all(
            resource_access.may_use_s3(reader, "s3:GetObject", f"{root}/{name}", bucket) for name in names
        )
    ):
        raise AwsError(
            "AccessDenied", f"{reader} may not read s3://{bucket} (Service: Amazon S3; Status Code: 403)"
        )


def is_excluded(name: str, globs: Iterable[str]) -> bool:
    """`name` is what stands below the include path."""
    return any(_compile_glob(glob).fullmatch(name) for glob in globs)


def find_tables(prefix: str, schemas: Mapping[str, Schema]) -> list[Laid]:
    """`schemas` are by object name, all below the prefix."""
    if not schemas:
        return []
    folders = {name: tuple(name[len(prefix) :].split("/")[:-1]) for name in schemas}
    united = _unite_schemas(schemas.values())
    if united is not None and len({len(one) for one in folders.values()}) == 1:
        parts: dict[tuple[str, ...], list[str]] = {}
        for name, path in folders.items():
            parts.setdefault(path, []).append(name)
        keys = _name_keys(list(parts))
        return [
            Laid(prefix, united, keys, {_read_partition_values(path): found for path, found in parts.items()})
        ]
    here = {name: schema for name, schema in schemas.items() if not folders[name]}
    found = [] if len(here) == len(schemas) else find_tables(prefix, here)
    for folder in sorted({path[0] for path in folders.values() if path}):
        below = f"{prefix}{folder}/"
        found += find_tables(below, {name: one for name, one in schemas.items() if name.startswith(below)})
    return found or [Laid(name, schema, (), {(): [name]}) for name, schema in sorted(here.items())]


def _unite_schemas(schemas: Iterable[Schema]) -> Schema | None:
    found: Schema | None = None
    for schema in schemas:
        if found is not None and not found.resembles(schema):
            return None
        found = schema if found is None else found.united(schema)
    return found


def _name_keys(paths: list[tuple[str, ...]]) -> tuple[str, ...]:
    """`key=value` where all folders of a level agree on the key, else partition_0 and so on."""
    names = []
    for level in range(len(paths[0])):
        said = {path[level].partition("=")[0].lower() if "=" in path[level] else "" for path in paths}
        names.append(said.pop() if len(said) == 1 and said != {""} else f"partition_{level}")
    return tuple(names)


def _read_partition_values(path: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(part.partition("=")[2] if "=" in part else part for part in path)


def _compile_glob(glob: str) -> re.Pattern[str]:
    words = {"**": ".*", "*": "[^/]*", "?": "[^/]", "{": "(?:", "}": ")", ",": "|"}
    pieces = re.findall(r"\*\*|\[[^\]]*\]|.", glob)
    depth, text = 0, ""
    for piece in pieces:
        depth += {"{": 1, "}": -1}.get(piece, 0)
        if piece.startswith("[") and len(piece) > 1:
            text += "[" + piece[1:].replace("!", "^", 1) if piece[1] == "!" else piece
        elif piece == "," and depth == 0:
            text += ","
        else:
            text += words.get(piece, re.escape(piece))
    return re.compile(text, re.DOTALL)


def build_table_input(name: str, location: str, laid: Laid, crawler: str) -> dict[str, Any]:
    """Partition keys are strings (botocore model, GetPartitions)."""
    columns = [{"Name": one, "Type": kind} for one, kind in laid.schema.columns if one not in laid.keys]
    parameters = {
        "UPDATED_BY_CRAWLER": crawler,
        "CrawlerSchemaSerializerVersion": "1.0",
        "CrawlerSchemaDeserializerVersion": "1.0",
        "classification": laid.schema.kind,
        "compressionType": "none",
        "typeOfData": "file",
        "objectCount": str(sum(len(names) for names in laid.parts.values())),
    }
    if laid.schema.kind == "csv":
        parameters |= {
            "delimiter": laid.schema.delimiter,
            "areColumnsQuoted": "false",
            "columnsOrdered": "true",
        }
        parameters |= {"skip.header.line.count": "1"} if laid.schema.heading else {}
    return {
        "Name": name,
        "Owner": "owner",
        "Retention": 0,
        "TableType": "EXTERNAL_TABLE",
        "Parameters": parameters,
        "PartitionKeys": [{"Name": key, "Type": "string"} for key in laid.keys],
        "StorageDescriptor": _build_storage(location, laid.schema) | {"Columns": columns},
    }


def build_partition_input(values: tuple[str, ...], location: str, table: dict[str, Any]) -> dict[str, Any]:
    """With the table's columns and format."""
    storage = {**table["StorageDescriptor"], "Location": location}
    kept = ("classification", "compressionType", "typeOfData", "CrawlerSchemaDeserializerVersion")
    parameters = {name: table["Parameters"][name] for name in kept}
    return {"Values": list(values), "StorageDescriptor": storage, "Parameters": parameters}


def _build_storage(location: str, schema: Schema) -> dict[str, Any]:
    reading, writing, library = _FORMATS[schema.kind]
    parameters = {"csv": {"field.delim": schema.delimiter}, "parquet": {"serialization.format": "1"}}
    return {
        "Location": location,
        "InputFormat": reading,
        "OutputFormat": writing,
        "Compressed": False,
        "NumberOfBuckets": -1,
        "SerdeInfo": {
            "SerializationLibrary": library,
            "Parameters": parameters.get(schema.kind, {"paths": ",".join(sorted(dict(schema.columns)))}),
        },
        "StoredAsSubDirectories": False,
    }
