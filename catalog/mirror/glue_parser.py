"""Glue's answers as snapshots, and the digest by which a change is seen. Pure."""

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import count, repeat
from typing import Any

from catalog.mirror.digest import digest_of, json_of, utc
from catalog.mirror.snapshot import (
    FLAGS,
    NO_TAGS,
    WIDE,
    ColumnSnapshot,
    DatabaseSnapshot,
    LinkSnapshot,
    TableSnapshot,
    TableTags,
)
from catalog.storable_text import storable

CLASSIFICATIONS = ("public", "private", "sensitive")
CLASSIFICATION_TAG = "confidentiality"
LONGEST_PARAMETER = 4000
LONGEST_TEXT = 65_536
"""Characters of a description, comment or view that are kept; Glue itself takes 2,048 at most."""
LONGEST_TYPE = 131_072
LONGEST_NAME = 255
_SUSPECT = re.compile(rb"\\u(?:0000|d[89a-f])")
_MARKUP = re.compile(r"<[A-Za-z/!]")
_WITHOUT_MEANING = frozenset({"LastAccessTime"})


def tags_of(pairs: Iterable[Mapping[str, Any]] | None) -> dict[str, str]:
    """AWS's `[{TagKey, TagValues}]` as key → value; a resource holds one value of a key."""
    found: dict[str, str] = {}
    for pair in pairs or ():
        values = pair.get("TagValues") or [""]
        found[storable(pair.get("TagKey"), 128).lower()] = storable(values[0], 256).lower()
    return dict(sorted(found.items()))


def is_resource_link(answer: Mapping[str, Any]) -> bool:
    """Links are presentation: the owner of their target is where the thing is."""
    return bool(answer.get("TargetTable") or answer.get("TargetDatabase"))


def link_snapshot(answer: Mapping[str, Any], database: str = "") -> LinkSnapshot:
    """A resource link of GetDatabases or, in `database`, of GetTables (botocore: DatabaseIdentifier, TableIdentifier)."""
    target = answer.get("TargetTable") or answer.get("TargetDatabase") or {}
    return LinkSnapshot(
        database=database,
        name=storable(answer.get("Name"), 255),
        target_catalog=storable(target.get("CatalogId"), 300),
        target_region=storable(target.get("Region"), 30),
        target_database=storable(target.get("DatabaseName"), 255),
        target_table=storable(target.get("Name"), 255),
    )


def database_snapshot(answer: Mapping[str, Any], tags: Mapping[str, str]) -> DatabaseSnapshot:
    """One entry of GetDatabases' `DatabaseList`."""
    answer, flags = _clean(answer, _text(answer))
    text = _Texts(flags)
    return DatabaseSnapshot(
        name=text.cut(answer.get("Name"), 255),
        description=text.said(answer.get("Description")),
        location=text.cut(answer.get("LocationUri"), 1024),
        parameters=text.parameters(answer.get("Parameters")),
        tags=dict(sorted(tags.items())),
        glue_created_at=utc(answer.get("CreateTime")),
        flags=text.flags(),
    )


def table_digest(
    answer: Mapping[str, Any], database_tags: Mapping[str, str], tags: TableTags = NO_TAGS
) -> str:
    """Of all that an answer and the tags say, whatever the order; 64 hexadecimal digits."""
    return _digest(_text(answer), database_tags, tags)


def table_snapshot(
    answer: Mapping[str, Any], *, database_tags: Mapping[str, str], tags: TableTags = NO_TAGS
) -> TableSnapshot:
    """One entry of GetTables' `TableList`; tags come down from database to table to column."""
    body = _text(answer)
    digest = _digest(body, database_tags, tags)
    answer, flags = _clean(answer, body)
    text = _Texts(flags)
    storage = answer.get("StorageDescriptor") or {}
    parameters = text.parameters(answer.get("Parameters"))
    in_force = dict(sorted({**database_tags, **tags.table}.items()))
    return TableSnapshot(
        name=text.cut(answer.get("Name"), 255),
        kind=text.cut(answer.get("TableType"), 40),
        description=text.said(answer.get("Description")),
        owner=text.cut(answer.get("Owner"), 255),
        made_by=text.cut(answer.get("CreatedBy"), 2048),
        location=text.cut(storage.get("Location"), 1024),
        data_format=_data_format(parameters, storage),
        parameters=parameters,
        storage=_storage(storage, text),
        view=_view(answer, text),
        tags=in_force,
        classification=classification_of(in_force),
        glue_created_at=utc(answer.get("CreateTime")),
        glue_version=text.cut(answer.get("VersionId"), 40),
        glue_updated_at=utc(answer.get("UpdateTime")),
        iceberg_uuid=parameters.get("uuid", "")[:64],
        digest=digest,
        columns=_columns(answer, storage, in_force, tags.columns, text),
        flags=text.flags(),
    )


def classification_of(tags: Mapping[str, str]) -> str:
    """public, private or sensitive by the tag `confidentiality`; empty without one that we know."""
    value = tags.get(CLASSIFICATION_TAG, "")
    return value if value in CLASSIFICATIONS else ""


class _Texts:
    """Cuts foreign text to what is kept, and remembers what was strange about it."""

    def __init__(self, flags: Iterable[str]) -> None:
        self._flags = set(flags)

    def cut(self, text: object, longest: int) -> str:
        said = "" if text is None else str(text)
        if len(said) <= longest:
            return said
        self._flags.add("cut")
        return said[:longest]

    def said(self, text: object, longest: int = LONGEST_TEXT) -> str:
        """Text that people wrote: it may hold markup."""
        if not text:
            return ""
        said = self.cut(text, longest)
        if "<" in said and _MARKUP.search(said):
            self._flags.add("markup")
        return said

    def parameters(self, answer: Mapping[str, Any] | None) -> dict[str, str]:
        return {
            self.cut(key, 512): self.cut(value, LONGEST_PARAMETER)
            for key, value in sorted((answer or {}).items())
        }

    def note(self, flag: str) -> None:
        self._flags.add(flag)

    def flags(self) -> tuple[str, ...]:
        return tuple(flag for flag in FLAGS if flag in self._flags)


def _columns(
    answer: Mapping[str, Any],
    storage: Mapping[str, Any],
    inherited: dict[str, str],
    own: Mapping[str, dict[str, str]],
    text: _Texts,
) -> tuple[ColumnSnapshot, ...]:
    # Crawlers list a partition key among the columns too: the name stands once, as a key.
    keys = answer.get("PartitionKeys") or ()
    partition = {text.cut(column.get("Name"), LONGEST_NAME) for column in keys}
    listed = [*(storage.get("Columns") or ()), *keys]
    found = None if own else _usual_columns(listed, inherited, partition)
    found = found or _unusual_columns(listed, inherited, own, partition, text)
    if len(found) > WIDE:
        text.note("wide")
    return found


def _usual_columns(
    listed: Sequence[Mapping[str, Any]], tags: dict[str, str], partition: set[str]
) -> tuple[ColumnSnapshot, ...] | None:
    """`_unusual_columns` in a third of its time; None where something has to be cut, flagged or left out."""
    names = [column.get("Name") or "" for column in listed]
    types = [column.get("Type") or "" for column in listed]
    comments = [column.get("Comment") or "" for column in listed]
    told = "".join(comments)
    if len(set(names)) < len(names) or max(map(len, names), default=0) > LONGEST_NAME:
        return None
    if len(told) > LONGEST_TEXT or "<" in told or sum(map(len, types)) > LONGEST_TYPE:
        return None
    are_keys = map(partition.__contains__, names)
    of_all = repeat(tags), repeat(classification_of(tags))
    return tuple(map(ColumnSnapshot, count(1), names, types, comments, are_keys, *of_all))


def _unusual_columns(
    listed: Sequence[Mapping[str, Any]],
    inherited: dict[str, str],
    own: Mapping[str, dict[str, str]],
    partition: set[str],
    text: _Texts,
) -> tuple[ColumnSnapshot, ...]:
    passed_on = classification_of(inherited)
    found: dict[str, ColumnSnapshot] = {}
    for column in listed:
        name = text.cut(column.get("Name"), LONGEST_NAME)
        if name in found:
            continue
        tags = dict(sorted({**inherited, **own[name]}.items())) if name in own else inherited
        classification = classification_of(tags) if name in own else passed_on
        type_, comment = text.cut(column.get("Type"), LONGEST_TYPE), text.said(column.get("Comment"))
        said = (name, type_, comment, name in partition, tags, classification)
        found[name] = ColumnSnapshot(len(found) + 1, *said)
    return tuple(found.values())


def _storage(answer: Mapping[str, Any], text: _Texts) -> dict[str, Any]:
    """What is said of a StorageDescriptor besides columns and location; what is empty is left out."""
    serde = answer.get("SerdeInfo") or {}
    sorting = [
        f"{text.cut(each.get('Column'), 255)} {'asc' if each.get('SortOrder') else 'desc'}"
        for each in answer.get("SortColumns") or ()
    ]
    said = {
        "input": text.cut(answer.get("InputFormat"), 512),
        "output": text.cut(answer.get("OutputFormat"), 512),
        "serde": text.cut(serde.get("SerializationLibrary"), 512),
        "serde_parameters": text.parameters(serde.get("Parameters")),
        "parameters": text.parameters(answer.get("Parameters")),
        "compressed": bool(answer.get("Compressed")),
        "bucket_columns": [text.cut(name, 255) for name in answer.get("BucketColumns") or ()],
        "sort_columns": sorting,
    }
    return {key: value for key, value in said.items() if value}


def _view(answer: Mapping[str, Any], text: _Texts) -> dict[str, Any]:
    """Of a view its text, and of a Data Catalog view the definer through whom it reads (botocore: ViewDefinition)."""
    defined = answer.get("ViewDefinition") or {}
    texts = [each.get("ViewOriginalText") for each in defined.get("Representations") or ()]
    said = {
        "text": text.said(answer.get("ViewOriginalText") or next(filter(None, texts), "")),
        "definer": text.cut(defined.get("Definer"), 2048),
        "is_protected": bool(defined.get("IsProtected")),
        "reads": [text.cut(arn, 2048) for arn in defined.get("SubObjects") or ()],
    }
    return {key: value for key, value in said.items() if value}


def _data_format(parameters: Mapping[str, str], storage: Mapping[str, Any]) -> str:
    named = parameters.get("table_type") or parameters.get("classification")
    if named:
        return named.lower()[:40]
    reader = str(storage.get("InputFormat") or "").lower()
    return next((word for word in ("parquet", "orc", "avro", "text") if word in reader), "")


def _clean(answer: Mapping[str, Any], body: bytes) -> tuple[Mapping[str, Any], tuple[str, ...]]:
    """The answer with all its text storable; `body` is its JSON, in which the suspects are found at once."""
    if not _SUSPECT.search(body):
        return answer, ()
    cleaned = _replaced(answer)
    return cleaned, ("replaced",) if cleaned != answer else ()


def _replaced(value: Any) -> Any:
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, Mapping):
        return {storable(key): _replaced(each) for key, each in value.items()}
    return [_replaced(each) for each in value] if isinstance(value, list | tuple) else value


def _text(answer: Mapping[str, Any]) -> bytes:
    if not _WITHOUT_MEANING.isdisjoint(answer):
        answer = {key: value for key, value in answer.items() if key not in _WITHOUT_MEANING}
    return json_of(answer)


def _digest(body: bytes, database_tags: Mapping[str, str], tags: TableTags) -> str:
    if not (database_tags or tags.table or tags.columns):
        return digest_of(body)
    # What is in force, however it came: AWS lists an inherited tag here and leaves it out there.
    table = {**database_tags, **tags.table}
    columns = {name: {**table, **own} for name, own in tags.columns.items()}
    apart = {name: own for name, own in columns.items() if own != table}
    return digest_of(body, json_of({"table": table, "columns": apart}))
