"""What a registration asks for, checked before it is stored."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from kernel.errors import RefusedError
from kernel.text import check_text
from lakeformation.values.registered_tables import DATA_FORMATS, REGISTRATION_PARAMETER

NAME_PATTERN = re.compile(r"[a-z0-9_]{1,255}")
"""Names that Glue, Athena and Redshift all take (Athena user guide, "name tables, databases, and columns")."""
TYPE_PATTERN = re.compile(r"[a-z][a-z0-9_]*(?:[(<][a-z0-9_ ,:()<>]*[)>])?")
LOCATION_PATTERN = re.compile(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](?:/[\w!.*'()=+@,:-]+)+/?", re.ASCII)
MAX_COLUMNS, MAX_TYPE_LENGTH, MAX_COMMENT_LENGTH, MAX_TEXT_LENGTH = 1000, 2000, 255, 2000
MAX_LOCATION_LENGTH, MAX_NAME_LENGTH = 1000, 255


@dataclass(frozen=True)
class RegistrationContent:
    """What is asked for: the rows of the catalog, of the domain, of the producer's account and of its role by id."""

    catalog: int
    domain: int
    producer: int
    engineer: int
    database: str
    table: str
    location: str
    columns: tuple[Mapping[str, str], ...]
    purpose: str
    data_format: str = "parquet"
    partition_keys: tuple[Mapping[str, str], ...] = ()
    description: str = ""
    parameters: Mapping[str, str] | None = None
    exception_reason: str = ""


def check_content(content: RegistrationContent) -> None:
    """RefusedError at the first field that is not valid."""
    for field in ("database", "table"):
        if not NAME_PATTERN.fullmatch(getattr(content, field)):
            raise RefusedError(_("Use lower-case letters, digits and underscores."), field)
    if len(content.location) > MAX_LOCATION_LENGTH or not LOCATION_PATTERN.fullmatch(content.location):
        raise RefusedError(_("Enter an S3 folder, such as s3://bucket/folder/."), "location")
    if content.data_format not in DATA_FORMATS:
        raise RefusedError(
            _("Choose one of these: %(names)s.") % {"names": ", ".join(DATA_FORMATS)}, "data_format"
        )
    _check_columns(content)
    for field in ("purpose", "description", "exception_reason"):
        check_text(getattr(content, field), field, MAX_TEXT_LENGTH)
    if not content.purpose.strip():
        raise RefusedError(_("Say why you register the table."), "purpose")
    parameters = content.parameters or {}
    for name, text in parameters.items():
        if not re.fullmatch(r"[\w.-]{1,255}", name, re.ASCII) or name == REGISTRATION_PARAMETER:
            raise RefusedError(
                _("“%(name)s” is not a valid parameter name.") % {"name": name[:80]}, "parameters"
            )
        check_text(text, "parameters", MAX_TEXT_LENGTH)


def _check_columns(content: RegistrationContent) -> None:
    if not content.columns:
        raise RefusedError(_("Enter at least one column."), "columns")
    names: set[str] = set()
    for field in ("columns", "partition_keys"):
        for column in getattr(content, field):
            name, kind = column["name"], column["type"]
            if not NAME_PATTERN.fullmatch(name):
                words = _("Column “%(name)s”: use lower-case letters, digits and underscores.")
                raise RefusedError(words % {"name": name[:80]}, field)
            if len(kind) > MAX_TYPE_LENGTH or not TYPE_PATTERN.fullmatch(kind):
                words = _(
                    "Column %(name)s: “%(type)s” is not a type of Glue, such as string or decimal(12,2)."
                )
                raise RefusedError(words % {"name": name, "type": kind[:80]}, field)
            check_text(column["comment"], field, MAX_COMMENT_LENGTH)
            if column["name"] in names:
                raise RefusedError(_("Column %(name)s appears twice.") % {"name": column["name"]}, field)
            names.add(column["name"])
    if len(names) > MAX_COLUMNS:
        raise RefusedError(_("Enter at most %(most)s columns.") % {"most": MAX_COLUMNS}, "columns")


def check_reason(text: str, field: str) -> str:
    """The reason of a decision, stripped. RefusedError for none, or one that is too long or cannot be stored."""
    return check_text(text, field, MAX_TEXT_LENGTH, _("Give a reason."))


def parse_column_lines(text: str) -> tuple[dict[str, str], ...]:
    """Columns from lines of `name type comment`; blanks inside the brackets of a type belong to it. Or from a JSON list as
    `parse_columns` takes it. RefusedError.
    """
    if text.lstrip().startswith("["):
        return parse_columns(_parse_json(text), "columns")
    return tuple(_parse_line(line.strip()) for line in text.splitlines() if line.strip())


def _parse_json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise RefusedError(_("This is not valid JSON."), "columns") from error


def _parse_line(line: str) -> dict[str, str]:
    name, _blank, rest = line.partition(" ")
    depth, end = 0, len(rest := rest.strip())
    for position, character in enumerate(rest):
        depth += (character in "(<") - (character in ")>")
        if character == " " and not depth:
            end = position
            break
    if not rest:
        raise RefusedError(
            _("“%(line)s” has no type. Write: name type comment.") % {"line": line[:80]}, "columns"
        )
    return {"name": name, "type": re.sub(r"\s+", "", rest[:end]), "comment": rest[end:].strip()}


def format_column_line(name: str, kind: str, comment: str) -> str:
    """The line that `parse_column_lines` reads."""
    return " ".join(f"{name} {kind} {comment}".split())


def parse_columns(values: Any, field: str) -> tuple[dict[str, str], ...]:
    """Columns from a list of objects with name, type and, where there is one, comment. RefusedError."""
    if not isinstance(values, Iterable) or isinstance(values, str | Mapping):
        raise RefusedError(_("Give a list of columns."), field)
    return tuple(_parse_column(value, field) for value in values)


def _parse_column(value: Any, field: str) -> dict[str, str]:
    members = {"name", "type", "comment"}
    if not isinstance(value, Mapping) or not {"name", "type"} <= set(value) <= members:
        raise RefusedError(_("Give each column a name, a type and optionally a comment."), field)
    if not all(isinstance(part, str) for part in value.values()):
        raise RefusedError(_("Give each column a name, a type and optionally a comment."), field)
    return {"name": value["name"], "type": value["type"], "comment": value.get("comment", "")}
