"""What the namespace and name of a dataset say about a Glue table: OpenLineage's Naming.md, and older forms. Pure."""

import re
from collections.abc import Iterator
from typing import NamedTuple

_ARN = re.compile(r"arn:(aws[a-z-]*):glue:([a-z0-9-]+):(\d{12})(?::table/([^/]+)/(.+))?")
_ACCOUNT, _REGION = re.compile(r"\d{12}"), re.compile(r"[a-z]{2}(?:-[a-z]+)+-\d")
_GLUE = re.compile(r"(?:aws)?glue://(.*)|aws:glue:(.*)")
_ATHENA = re.compile(r"awsathena://athena\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?", re.IGNORECASE)
_S3 = re.compile(r"s3[an]?://([^/]+)/?(.*)")
_TABLE_NAME = re.compile(r"table/([^/]+)/(.+)")
MAX_DEPTH = 64


class GlueName(NamedTuple):
    """In lower case, as Glue has it. An empty account or region is any."""

    account: str
    region: str
    database: str
    table: str


def parse_glue_name(namespace: str, name: str) -> GlueName | None:
    """`arn:aws:glue:region:account` with `table/db/table` (OpenLineage's), a whole ARN, `awsglue://…`, `glue://…` or
    `aws:glue:…` with `db.table`, and Athena's `awsathena://athena.region.amazonaws.com` with `catalog.db.table`.
    """
    if whole := _ARN.fullmatch(name):
        return _build(whole[3], whole[2], whole[4], whole[5])
    database, table = _parse_table(name)
    if arn := _ARN.fullmatch(namespace):
        return _build(arn[3], arn[2], database, table)
    if glue := _GLUE.fullmatch(namespace):
        where = glue[1] or glue[2] or ""
        account, region = _ACCOUNT.search(where), _REGION.search(where)
        return _build(account[0] if account else "", region[0] if region else "", database, table)
    if athena := _ATHENA.fullmatch(namespace):
        return _build("", athena[1], database, table)
    return None


def _build(account: str, region: str, database: str | None, table: str | None) -> GlueName | None:
    return GlueName(account, region.lower(), database.lower(), table.lower()) if database and table else None


def _parse_table(name: str) -> tuple[str, str]:
    """`table/db/table`, or the last two parts of a dotted name."""
    if slashed := _TABLE_NAME.fullmatch(name):
        return slashed[1], slashed[2]
    parts = name.split(".")
    return (parts[-2], parts[-1]) if len(parts) > 1 else ("", "")


def normalize_location(namespace: str, name: str) -> str:
    """`s3://bucket/path` without a slash at the end; empty if the dataset is no S3 address."""
    found = _S3.match(f"{namespace.rstrip('/')}/{name.lstrip('/')}")
    return f"s3://{found[1]}/{found[2]}".rstrip("/") if found else ""


def list_prefixes(location: str) -> list[str]:
    """The location and each folder above it, longest first."""
    return list(_list_prefixes(location))[:MAX_DEPTH]


def _list_prefixes(location: str) -> Iterator[str]:
    while location.count("/") >= 2:  # noqa: PLR2004 - s3://bucket
        yield location
        location = location.rpartition("/")[0]


def spell_location(location: str) -> tuple[str, ...]:
    """As a table of Glue may have written it."""
    path = location.removeprefix("s3://")
    return tuple(f"{scheme}://{path}{end}" for scheme in ("s3", "s3a", "s3n") for end in ("", "/"))
