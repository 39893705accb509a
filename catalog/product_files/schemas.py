"""Checks the data of a file by the schema of its standard, in the version that it names."""

import json
from collections.abc import Iterable, Sequence
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from itertools import chain, islice
from typing import Any

import jsonschema_rs
import open_data_contract_standard
from django.utils.translation import gettext as _

from catalog.product_files.odps_schema import build_odps_schema
from catalog.product_files.values import format_path
from kernel.errors import RefusedError
from kernel.strict_yaml import YamlDocument

MAX_MESSAGE_LENGTH, MAX_ERRORS = 200, 100
FIRST_VERSION, SECOND_VERSION, NEWEST_VERSION = "v3.0.0", "v3.0.1", "v3.2.0"
Validator = jsonschema_rs.Draft201909Validator


@cache
def get_odcs_validator(version: str) -> Validator:
    """Of the standard's version itself, such as `v3.1.0`."""
    return Validator(_load_odcs_schema(version))


@cache
def get_odps_validator(version: str) -> Validator:
    return Validator(build_odps_schema(version))


def _load_odcs_schema(version: str) -> Any:
    """The conditions on `logicalType` also hold where a column has none, so that each such column would need a `map`: here they ask
    for the member first.
    """
    schema = json.loads(_find_odcs_schema(version).read_text(encoding="utf-8"))
    if version == FIRST_VERSION:
        del schema["properties"]["authoritativeDefinitions"]
    for rule in schema["$defs"]["SchemaBaseProperty"]["allOf"]:
        if "if" in rule:
            rule["if"]["required"] = ["logicalType"]
    return schema


def _find_odcs_schema(version: str) -> Traversable:
    """The newest is in the package; 3.0.0 is 3.0.1 without a member."""
    if version == NEWEST_VERSION:
        return files(open_data_contract_standard) / "schema.json"
    own = SECOND_VERSION if version == FIRST_VERSION else version
    return files("catalog.product_files") / "odcs_schemas" / f"{own}.json"


def check_schema(document: YamlDocument, validator: Validator, field: str) -> None:
    """RefusedError with the place of what is wrong first."""
    errors = list(islice(validator.iter_errors(document.data), MAX_ERRORS))
    if errors:
        error = _choose_error(errors)
        raise RefusedError(describe_place(document, error.instance_path, _shorten(error.message)), field)


def describe_place(document: YamlDocument, path: Sequence[str | int], message: str) -> str:
    """The message with the path of a value and its line."""
    words = {"line": document.find_line(path), "path": format_path(path), "message": message}
    if not words["path"]:
        return _("Line %(line)s: %(message)s") % words
    return _("Line %(line)s, %(path)s: %(message)s") % words


def _choose_error(errors: Sequence[Any]) -> Any:
    """The one that says most: not that a member is left over where one of its values is wrong, and of alternatives the error in
    the one that fits best.
    """
    exact = [one for one in errors if "unevaluated" not in one.kind.name.lower()]
    error = (exact or errors)[0]
    branches: Iterable[Any] = getattr(error.kind, "context", ())
    inner = list(chain.from_iterable(branches))
    return max(inner, key=lambda one: len(one.instance_path)) if inner else error


def _shorten(message: str) -> str:
    return message if len(message) <= MAX_MESSAGE_LENGTH else f"{message[:MAX_MESSAGE_LENGTH]}…"
