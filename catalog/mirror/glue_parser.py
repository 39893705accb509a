"""Parses Glue responses into snapshots and computes their digests. Pure."""

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import count, repeat, takewhile
from typing import Any

import orjson

from catalog.mirror.snapshot import (
    NO_SCHEMA,
    NO_TAGS,
    SPARK_SCHEMA,
    TEXT_FLAGS,
    WIDE_TABLE_COLUMNS,
    ColumnSnapshot,
    DatabaseSnapshot,
    LinkSnapshot,
    TableSnapshot,
    TableTags,
    compute_digest,
    to_canonical_json,
    to_utc_iso,
)
from kernel.storable_text import replace_unstorable
from lakeformation.values.registered_tables import list_current_columns

_PROVIDER = "spark.sql.sources.provider"
_SCHEMA = "spark.sql.sources.schema"
_PART_COUNT = re.compile("[0-9]{1,4}")
_MAX_DEPTH = 60
_HIVE_TYPES = {
    "byte": "tinyint",
    "short": "smallint",
    "integer": "int",
    "long": "bigint",
    "timestamp_ntz": "timestamp",
    "timestamp_ltz": "timestamp",
    "null": "void",
    "calendarinterval": "interval",
}
"""Names of Spark's `DataType.json` that differ from Hive's; the others are the same."""
_AMBIGUOUS = frozenset(":<>,()` \t\n\r")


class UnreadableSchemaError(ValueError):
    """The parameters hold no schema, or one that is incomplete or malformed."""


def keeps_spark_schema(parameters: Mapping[str, Any], columns: Sequence[Mapping[str, Any]]) -> bool:
    """Whether Spark made the table without telling Glue its columns.

    Spark's HiveExternalCatalog then writes the one column `col array<string>` (`EMPTY_DATA_SCHEMA`).
    """
    if not any(name in parameters for name in (_PROVIDER, _SCHEMA, f"{_SCHEMA}.numParts")):
        return False
    return [(column.get("Name"), column.get("Type")) for column in columns] in (
        [],
        [("col", "array<string>")],
    )


def read_spark_columns(parameters: Mapping[str, Any]) -> list[dict[str, str]]:
    """The columns as Glue would return them, in lower case. Raises UnreadableSchemaError."""
    try:
        schema = orjson.loads(_join_parts(parameters))
    except orjson.JSONDecodeError as error:
        raise UnreadableSchemaError from error
    fields = _list_fields(schema)
    if not fields:
        raise UnreadableSchemaError
    return [_build_column(field) for field in fields]


def list_spark_partition_keys(parameters: Mapping[str, Any]) -> list[str]:
    """The columns by which Spark has partitioned the table, in lower case."""
    values = (parameters.get(f"{_SCHEMA}.partCol.{number}") for number in count())
    return [str(name).lower() for name in takewhile(lambda value: value is not None, values)]


def _join_parts(parameters: Mapping[str, Any]) -> str:
    if (whole := parameters.get(_SCHEMA)) is not None:
        return str(whole)
    number = str(parameters.get(f"{_SCHEMA}.numParts", ""))
    if not _PART_COUNT.fullmatch(number):
        raise UnreadableSchemaError
    parts = [parameters.get(f"{_SCHEMA}.part.{part}") for part in range(int(number))]
    if None in parts:
        raise UnreadableSchemaError
    return "".join(map(str, parts))


def _build_column(field: Mapping[str, Any]) -> dict[str, str]:
    metadata = field.get("metadata")
    comment = metadata.get("comment") if isinstance(metadata, dict) else None
    return {
        "Name": _get_name(field).lower(),
        "Type": _get_hive_type(field, 0),
        "Comment": comment if isinstance(comment, str) else "",
    }


def _get_hive_type(field: Mapping[str, Any], depth: int) -> str:
    """Spark stores char and varchar as string, with their own type in the metadata (`CharVarcharUtils`)."""
    metadata = field.get("metadata")
    declared = metadata.get("__CHAR_VARCHAR_TYPE_STRING") if isinstance(metadata, dict) else None
    return declared if isinstance(declared, str) else _to_hive(field.get("type"), depth)


def _to_hive(value: object, depth: int) -> str:
    if depth > _MAX_DEPTH:
        raise UnreadableSchemaError
    match value:
        case str():
            return _HIVE_TYPES.get(value.lower(), value.lower())
        case {"type": "array", "elementType": element}:
            return f"array<{_to_hive(element, depth + 1)}>"
        case {"type": "map", "keyType": key, "valueType": held}:
            return f"map<{_to_hive(key, depth + 1)},{_to_hive(held, depth + 1)}>"
        case {"type": "struct"}:
            fields = _list_fields(value)
            return f"struct<{','.join(_to_hive_field(field, depth + 1) for field in fields)}>"
        case {"type": "udt", "sqlType": stored}:
            return _to_hive(stored, depth + 1)
    raise UnreadableSchemaError


def _to_hive_field(field: Mapping[str, Any], depth: int) -> str:
    name = _get_name(field)
    quoted = name if _AMBIGUOUS.isdisjoint(name) else f"`{name.replace('`', '``')}`"
    return f"{quoted}:{_get_hive_type(field, depth)}"


def _list_fields(schema: object) -> list[Mapping[str, Any]]:
    match schema:
        case {"type": "struct", "fields": list(fields)} if all(isinstance(field, dict) for field in fields):
            return fields
    raise UnreadableSchemaError


def _get_name(field: Mapping[str, Any]) -> str:
    name = field.get("name")
    if not isinstance(name, str) or not name:
        raise UnreadableSchemaError
    return name


CLASSIFICATIONS = ("public", "private", "sensitive")
CLASSIFICATION_TAG = "confidentiality"
MAX_PARAMETER_LENGTH = 4000
MAX_TEXT_LENGTH = 65_536
"""Characters of a description, comment or view that are kept; Glue itself takes 2,048 at most."""
MAX_TYPE_LENGTH = 131_072
MAX_NAME_LENGTH = 255
_UNSTORABLE_ESCAPE = re.compile(rb"\\u(?:0000|d[89a-f])")
_MARKUP = re.compile(r"<[A-Za-z/!]")
_IGNORED_FIELDS = frozenset({"LastAccessTime"})


def parse_tags(pairs: Iterable[Mapping[str, Any]] | None) -> dict[str, str]:
    """AWS's `[{TagKey, TagValues}]` as key → value; a resource holds one value of a key."""
    found: dict[str, str] = {}
    for pair in pairs or ():
        values = pair.get("TagValues") or [""]
        found[replace_unstorable(pair.get("TagKey"), 128).lower()] = replace_unstorable(
            values[0], 256
        ).lower()
    return dict(sorted(found.items()))


def is_resource_link(answer: Mapping[str, Any]) -> bool:
    """Whether the response describes a resource link and not a database or table."""
    return bool(answer.get("TargetTable") or answer.get("TargetDatabase"))


def build_link_snapshot(answer: Mapping[str, Any], database: str = "") -> LinkSnapshot:
    """A resource link of GetDatabases or, in `database`, of GetTables (botocore: DatabaseIdentifier, TableIdentifier)."""
    target = answer.get("TargetTable") or answer.get("TargetDatabase") or {}
    return LinkSnapshot(
        database=database,
        name=replace_unstorable(answer.get("Name"), 255),
        target_catalog=replace_unstorable(target.get("CatalogId"), 300),
        target_region=replace_unstorable(target.get("Region"), 30),
        target_database=replace_unstorable(target.get("DatabaseName"), 255),
        target_table=replace_unstorable(target.get("Name"), 255),
    )


def build_database_snapshot(answer: Mapping[str, Any], tags: Mapping[str, str]) -> DatabaseSnapshot:
    """One entry of GetDatabases' `DatabaseList`."""
    answer, flags = _clean_answer(answer, _encode_answer(answer))
    text = _TextCleaner(flags)
    return DatabaseSnapshot(
        name=text.truncate(answer.get("Name"), 255),
        description=text.clean_prose(answer.get("Description")),
        location=text.truncate(answer.get("LocationUri"), 1024),
        parameters=text.parameters(answer.get("Parameters")),
        tags=dict(sorted(tags.items())),
        glue_created_at=to_utc_iso(answer.get("CreateTime")),
        flags=text.flags(),
    )


def compute_table_digest(
    answer: Mapping[str, Any], database_tags: Mapping[str, str], tags: TableTags = NO_TAGS
) -> str:
    """The digest of all that an answer and the tags say, whatever the order; 64 hexadecimal digits."""
    return _compute_digest(_encode_answer(answer), database_tags, tags)


def build_table_snapshot(
    answer: Mapping[str, Any], *, database_tags: Mapping[str, str], tags: TableTags = NO_TAGS
) -> TableSnapshot:
    """One entry of GetTables' `TableList`; tags come down from database to table to column."""
    body = _encode_answer(answer)
    digest = _compute_digest(body, database_tags, tags)
    answer, flags = _clean_answer(answer, body)
    text = _TextCleaner(flags)
    storage = answer.get("StorageDescriptor") or {}
    parameters = text.parameters(answer.get("Parameters"))
    merged_tags = dict(sorted({**database_tags, **tags.table}.items()))
    return TableSnapshot(
        name=text.truncate(answer.get("Name"), 255),
        kind=text.truncate(answer.get("TableType"), 40),
        description=text.clean_prose(answer.get("Description")),
        owner=text.truncate(answer.get("Owner"), 255),
        created_by=text.truncate(answer.get("CreatedBy"), 2048),
        location=text.truncate(storage.get("Location"), 1024),
        data_format=_get_data_format(parameters, storage),
        parameters=parameters,
        storage=_parse_storage(storage, text),
        view=_parse_view(answer, text),
        tags=merged_tags,
        classification=get_classification(merged_tags),
        glue_created_at=to_utc_iso(answer.get("CreateTime")),
        glue_version=text.truncate(answer.get("VersionId"), 40),
        glue_updated_at=to_utc_iso(answer.get("UpdateTime")),
        iceberg_uuid=parameters.get("uuid", "")[:64],
        default_row_policy=text.truncate((answer.get("RLSProperties") or {}).get("DefaultRLSPolicy"), 255),
        digest=digest,
        columns=_parse_columns(answer, storage, merged_tags, tags.columns, text),
        flags=text.flags(),
    )


def get_classification(tags: Mapping[str, str]) -> str:
    """public, private or sensitive by the tag `confidentiality`; empty without one that we know."""
    value = tags.get(CLASSIFICATION_TAG, "")
    return value if value in CLASSIFICATIONS else ""


class _TextCleaner:
    """Truncates text from AWS and collects flags for what was unusual."""

    def __init__(self, flags: Iterable[str]) -> None:
        self._flags = set(flags)

    def truncate(self, text: object, longest: int) -> str:
        said = "" if text is None else str(text)
        if len(said) <= longest:
            return said
        self._flags.add("cut")
        return said[:longest]

    def clean_prose(self, text: object, longest: int = MAX_TEXT_LENGTH) -> str:
        """Text written by people; sets a flag when it contains markup."""
        if not text:
            return ""
        said = self.truncate(text, longest)
        if "<" in said and _MARKUP.search(said):
            self._flags.add("markup")
        return said

    def parameters(self, answer: Mapping[str, Any] | None) -> dict[str, str]:
        return {
            self.truncate(key, 512): self.truncate(value, MAX_PARAMETER_LENGTH)
            for key, value in sorted((answer or {}).items())
        }

    def add_flag(self, flag: str) -> None:
        self._flags.add(flag)

    def flags(self) -> tuple[str, ...]:
        return tuple(flag for flag in TEXT_FLAGS if flag in self._flags)


def _parse_columns(
    answer: Mapping[str, Any],
    storage: Mapping[str, Any],
    inherited: dict[str, str],
    own: Mapping[str, dict[str, str]],
    text: _TextCleaner,
) -> tuple[ColumnSnapshot, ...]:
    listed, keys = _list_columns(answer, storage, text)
    partition = {text.truncate(name, MAX_NAME_LENGTH) for name in keys}
    snapshots = None if own else _parse_plain_columns(listed, inherited, partition)
    snapshots = snapshots or _parse_checked_columns(listed, inherited, own, partition, text)
    if len(snapshots) > WIDE_TABLE_COLUMNS:
        text.add_flag("wide")
    return snapshots


def _list_columns(
    answer: Mapping[str, Any], storage: Mapping[str, Any], text: _TextCleaner
) -> tuple[list[Mapping[str, Any]], list[str | None]]:
    """The current columns as Glue has them or would have them, and the names of those that are partition keys."""
    columns, keys = (
        list_current_columns(storage.get("Columns")),
        list_current_columns(answer.get("PartitionKeys")),
    )
    names = [key.get("Name") for key in keys]
    parameters = answer.get("Parameters") or {}
    if keeps_spark_schema(parameters, columns):
        try:
            columns = [*read_spark_columns(parameters)]
        except UnreadableSchemaError:
            text.add_flag(NO_SCHEMA)
            return [], []
        names += list_spark_partition_keys(parameters)
        text.add_flag(SPARK_SCHEMA)
    return _merge_keys(columns, keys), names


def _merge_keys(columns: list[Mapping[str, Any]], keys: list[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Crawlers list a partition key among the columns too: it stands there once, with the type of the key."""
    if not keys:
        return columns
    by_name = {str(key.get("Name")).lower(): key for key in reversed(keys)}
    merged = [by_name.get(str(column.get("Name")).lower(), column) for column in columns]
    listed = {str(column.get("Name")).lower() for column in columns}
    return [*merged, *(key for key in keys if str(key.get("Name")).lower() not in listed)]


def _parse_plain_columns(
    listed: Sequence[Mapping[str, Any]], tags: dict[str, str], partition: set[str]
) -> tuple[ColumnSnapshot, ...] | None:
    """`_parse_checked_columns` in a third of its time; None if anything must be cut, flagged or left out."""
    names = [column.get("Name") or "" for column in listed]
    types = [column.get("Type") or "" for column in listed]
    comments = [column.get("Comment") or "" for column in listed]
    told = "".join(comments)
    if len(set(names)) < len(names) or max(map(len, names), default=0) > MAX_NAME_LENGTH:
        return None
    if len(told) > MAX_TEXT_LENGTH or "<" in told or sum(map(len, types)) > MAX_TYPE_LENGTH:
        return None
    are_keys = map(partition.__contains__, names)
    of_all = repeat(tags), repeat(get_classification(tags))
    return tuple(map(ColumnSnapshot, count(1), names, types, comments, are_keys, *of_all))


def _parse_checked_columns(
    listed: Sequence[Mapping[str, Any]],
    inherited: dict[str, str],
    own: Mapping[str, dict[str, str]],
    partition: set[str],
    text: _TextCleaner,
) -> tuple[ColumnSnapshot, ...]:
    passed_on = get_classification(inherited)
    snapshots: dict[str, ColumnSnapshot] = {}
    for column in listed:
        name = text.truncate(column.get("Name"), MAX_NAME_LENGTH)
        if name in snapshots:
            continue
        tags = dict(sorted({**inherited, **own[name]}.items())) if name in own else inherited
        classification = get_classification(tags) if name in own else passed_on
        type_, comment = (
            text.truncate(column.get("Type"), MAX_TYPE_LENGTH),
            text.clean_prose(column.get("Comment")),
        )
        said = (name, type_, comment, name in partition, tags, classification)
        snapshots[name] = ColumnSnapshot(len(snapshots) + 1, *said)
    return tuple(snapshots.values())


def _parse_storage(answer: Mapping[str, Any], text: _TextCleaner) -> dict[str, Any]:
    """What is said of a StorageDescriptor besides columns and location; what is empty is left out."""
    serde = answer.get("SerdeInfo") or {}
    sorting = [
        f"{text.truncate(sort_column.get('Column'), 255)} {'asc' if sort_column.get('SortOrder') else 'desc'}"
        for sort_column in answer.get("SortColumns") or ()
    ]
    said = {
        "input": text.truncate(answer.get("InputFormat"), 512),
        "output": text.truncate(answer.get("OutputFormat"), 512),
        "serde": text.truncate(serde.get("SerializationLibrary"), 512),
        "serde_parameters": text.parameters(serde.get("Parameters")),
        "parameters": text.parameters(answer.get("Parameters")),
        "compressed": bool(answer.get("Compressed")),
        "bucket_columns": [text.truncate(name, 255) for name in answer.get("BucketColumns") or ()],
        "buckets": max(0, int(answer.get("NumberOfBuckets") or 0)),
        "sort_columns": sorting,
    }
    return {key: value for key, value in said.items() if value}


def _parse_view(answer: Mapping[str, Any], text: _TextCleaner) -> dict[str, Any]:
    """The text of a view, and for a Data Catalog view the definer through whom it reads (botocore: ViewDefinition)."""
    defined = answer.get("ViewDefinition") or {}
    texts = [
        representation.get("ViewOriginalText") for representation in defined.get("Representations") or ()
    ]
    said = {
        "text": text.clean_prose(answer.get("ViewOriginalText") or next(filter(None, texts), "")),
        "definer": text.truncate(defined.get("Definer"), 2048),
        "is_protected": bool(defined.get("IsProtected")),
        "reads": [text.truncate(arn, 2048) for arn in defined.get("SubObjects") or ()],
    }
    return {key: value for key, value in said.items() if value}


def _get_data_format(parameters: Mapping[str, str], storage: Mapping[str, Any]) -> str:
    named = parameters.get("table_type") or parameters.get("classification")
    if named:
        return named.lower()[:40]
    reader = str(storage.get("InputFormat") or "").lower()
    return next((word for word in ("parquet", "orc", "avro", "text") if word in reader), "")


def _clean_answer(answer: Mapping[str, Any], body: bytes) -> tuple[Mapping[str, Any], tuple[str, ...]]:
    """The answer with all its text storable; `body` is its JSON, in which the suspects are found at once."""
    if not _UNSTORABLE_ESCAPE.search(body):
        return answer, ()
    cleaned = _replace_unstorable(answer)
    return cleaned, ("replaced",) if cleaned != answer else ()


def _replace_unstorable(value: Any) -> Any:
    if isinstance(value, str):
        return replace_unstorable(value)
    if isinstance(value, Mapping):
        return {replace_unstorable(key): _replace_unstorable(each) for key, each in value.items()}
    return [_replace_unstorable(each) for each in value] if isinstance(value, list | tuple) else value


def _encode_answer(answer: Mapping[str, Any]) -> bytes:
    if not _IGNORED_FIELDS.isdisjoint(answer):
        answer = {key: value for key, value in answer.items() if key not in _IGNORED_FIELDS}
    return to_canonical_json(answer)


def _compute_digest(body: bytes, database_tags: Mapping[str, str], tags: TableTags) -> str:
    if not (database_tags or tags.table or tags.columns):
        return compute_digest(body)
    # Effective tags: AWS lists inherited tags in some responses and omits them in others.
    table = {**database_tags, **tags.table}
    columns = {name: {**table, **own} for name, own in tags.columns.items()}
    apart = {name: own for name, own in columns.items() if own != table}
    return compute_digest(body, to_canonical_json({"table": table, "columns": apart}))
