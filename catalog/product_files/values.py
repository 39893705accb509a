"""A data product as a file says it, whatever the format. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from catalog.products.fields import PRODUCT_FIELDS, FieldKind

Path = tuple[str | int, ...]
"""Names and positions that lead to a value of a file."""

NOT_SAID: Mapping[str, Any] = {one.name: one.empty for one in PRODUCT_FIELDS if one.kind != FieldKind.PERSON}
"""What a new product has of a field that its file leaves out. The owner must be said, or is who applies it."""


@dataclass(frozen=True)
class FileColumn:
    """`type` is Glue's."""

    name: str
    type: str = ""
    comment: str = ""
    classification: str = ""
    is_partition_key: bool = False


@dataclass(frozen=True)
class FileTable:
    """`name` is database and table; `catalog` its short name, or empty where the file doesn't say. `columns` is None where
    the file says nothing about them.
    """

    name: str
    catalog: str = ""
    description: str = ""
    kind: str = ""
    columns: tuple[FileColumn, ...] | None = None


@dataclass(frozen=True)
class FileDiscovery:
    """Who may see and request it; teams by slug."""

    seen_by: str
    requested_by: str
    see_teams: tuple[str, ...] = ()
    request_teams: tuple[str, ...] = ()


@dataclass(frozen=True)
class FileServer:
    """A Glue database in an AWS account; `name` is the catalog's short name and the database's."""

    name: str
    account: str
    database: str


@dataclass(frozen=True)
class ProductFile:
    """`fields` are those of `ProductContent` that the file mentions: the owner as e-mail, inputs as slugs, tables as `FileTable`.
    `stated` is what a file tells and doesn't change: lifecycle, version, domain, team and tier. `places` lead to the fields in the
    file, and `not_kept` to what the standard knows and Meshmarket doesn't hold. `servers` is None where the file has none.
    """

    slug: str
    fields: Mapping[str, Any]
    stated: Mapping[str, str]
    discovery: FileDiscovery | None = None
    servers: tuple[FileServer, ...] | None = None
    owner_name: str = ""
    input_versions: Mapping[str, str] = field(default_factory=dict)
    places: Mapping[str, Path] = field(default_factory=dict, compare=False)
    not_kept: tuple[Path, ...] = field(default=(), compare=False)


def format_path(path: Sequence[str | int]) -> str:
    """Such as `schema[0].properties[2].name`."""
    steps = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return steps.removeprefix(".")
