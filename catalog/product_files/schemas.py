"""Checks the data of a file by the schema of its standard."""

import json
from collections.abc import Sequence
from importlib.resources import files
from typing import Any

import jsonschema
import open_data_contract_standard
from django.utils.translation import gettext as _
from jsonschema.exceptions import ValidationError, best_match

from catalog.product_files.odps_schema import ODPS_SCHEMA
from catalog.product_files.values import format_path
from catalog.strict_yaml import YamlDocument
from identity.errors import RefusedError

MAX_MESSAGE_LENGTH = 200


def _load_odcs_schema() -> Any:
    """The package's own, of 3.2, which takes the older versions as well. Its conditions on `logicalType` also hold where a column
    has none, so that each such column would need a `map`: here they ask for the member first.
    """
    schema = json.loads((files(open_data_contract_standard) / "schema.json").read_text(encoding="utf-8"))
    for rule in schema["$defs"]["SchemaBaseProperty"]["allOf"]:
        if "if" in rule:
            rule["if"]["required"] = ["logicalType"]
    return schema


ODCS_VALIDATOR = jsonschema.Draft201909Validator(_load_odcs_schema())
ODPS_VALIDATOR = jsonschema.Draft201909Validator(ODPS_SCHEMA)


def check_schema(document: YamlDocument, validator: jsonschema.Draft201909Validator, field: str) -> None:
    """RefusedError with the place of what is wrong first."""
    error = best_match(validator.iter_errors(document.data))
    if error is not None:
        raise RefusedError(describe_place(document, list(error.absolute_path), _describe(error)), field)


def describe_place(document: YamlDocument, path: Sequence[str | int], message: str) -> str:
    """The message with the path of a value and its line."""
    words = {"line": document.find_line(path), "path": format_path(path), "message": message}
    if not words["path"]:
        return _("Line %(line)s: %(message)s") % words
    return _("Line %(line)s, %(path)s: %(message)s") % words


def _describe(error: ValidationError) -> str:
    return (
        error.message
        if len(error.message) <= MAX_MESSAGE_LENGTH
        else f"{error.message[:MAX_MESSAGE_LENGTH]}…"
    )
