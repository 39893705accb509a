"""The shape of an event: OpenLineage 2-0-2 (https://openlineage.io/spec/2-0-2/OpenLineage.json), with the facets that are read, and
with limits on lengths. Other facets may hold anything.
"""

from collections.abc import Iterator
from itertools import islice
from typing import Any, NamedTuple

import jsonschema_rs

MAX_NAMESPACE, MAX_NAME, MAX_FIELD = 1024, 2048, 255
MAX_DATASETS, MAX_COLUMNS, MAX_SOURCES = 500, 5000, 2000
MAX_ERRORS, MAX_MESSAGE = 20, 200
MAX_COLUMN_NAME = 10_000
"""Names of columns may be expressions; they are cut to `MAX_FIELD`."""
_TIME = {"type": "string", "maxLength": 40}
"""`kernel.iso_times` reads it: tools write times without an offset, and dates."""
_NAMES = {
    "namespace": {"type": "string", "minLength": 1, "maxLength": MAX_NAMESPACE},
    "name": {"type": "string", "minLength": 1, "maxLength": MAX_NAME},
}
_TEXT: dict[str, Any] = {"type": ["string", "null"]}
_FIELD = {"type": "string", "maxLength": MAX_COLUMN_NAME}
Step = str | int


def _facet(properties: dict[str, Any], *required: str) -> dict[str, Any]:
    """Null and `_deleted` facets are no facets."""
    return {"type": ["object", "null"], "properties": properties, "required": list(required)}


def _facets(known: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": ["object", "null"],
        "properties": known,
        "additionalProperties": {"type": ["object", "null"]},
    }


def _array(items: dict[str, Any], most: int) -> dict[str, Any]:
    return {"type": ["array", "null"], "items": items, "maxItems": most}


_TRANSFORMATIONS = _array({"type": "object", "properties": {"type": _TEXT, "subtype": _TEXT}}, 100)
_INPUT_FIELD = {
    "type": "object",
    "properties": {**_NAMES, "field": _FIELD, "transformations": _TRANSFORMATIONS},
    "required": ["namespace", "name", "field"],
}
_LINEAGE_INPUT = {
    "type": "object",
    "properties": {
        **_NAMES,
        "type": {"enum": ["DATASET", "JOB"]},
        "field": _FIELD,
        "transformations": _TRANSFORMATIONS,
    },
    "required": ["type"],
    "if": {"properties": {"type": {"const": "DATASET"}}},
    "then": {"required": ["namespace", "name"]},
}
_LINEAGE_INPUTS = _array(_LINEAGE_INPUT, MAX_SOURCES)
_FIELD_NAMES = {"maxLength": MAX_COLUMN_NAME, "minLength": 1}
_LINEAGE_FIELDS = {
    "type": ["object", "null"],
    "maxProperties": MAX_COLUMNS,
    "propertyNames": _FIELD_NAMES,
    "additionalProperties": {"type": "object", "properties": {"inputs": _LINEAGE_INPUTS}},
}
_DATASET_FACETS = _facets(
    {
        "schema": _facet(
            {
                "fields": _array(
                    {
                        "type": "object",
                        "properties": {"name": {"type": "string"}, "type": _TEXT},
                        "required": ["name"],
                    },
                    MAX_COLUMNS,
                )
            }
        ),
        "symlinks": _facet(
            {
                "identifiers": _array(
                    {
                        "type": "object",
                        "properties": {**_NAMES, "type": _TEXT},
                        "required": ["namespace", "name"],
                    },
                    100,
                )
            }
        ),
        "columnLineage": _facet(
            {
                "fields": {
                    "type": ["object", "null"],
                    "maxProperties": MAX_COLUMNS,
                    "propertyNames": _FIELD_NAMES,
                    "additionalProperties": {
                        "type": "object",
                        "properties": {
                            "inputFields": _array(_INPUT_FIELD, MAX_SOURCES),
                            "transformationType": _TEXT,
                        },
                        "required": ["inputFields"],
                    },
                },
                "dataset": _array(_INPUT_FIELD, MAX_SOURCES),
            }
        ),
        "lineage": _facet({"inputs": _LINEAGE_INPUTS, "fields": _LINEAGE_FIELDS}),
    }
)
_DATASET = {
    "type": "object",
    "properties": {**_NAMES, "facets": _DATASET_FACETS},
    "required": ["namespace", "name"],
}
_JOB = {
    "type": "object",
    "properties": {
        **_NAMES,
        "facets": _facets(
            {
                "sql": _facet({"query": _TEXT, "dialect": _TEXT}),
                "sourceCodeLocation": _facet({"url": _TEXT, "type": _TEXT}),
                "documentation": _facet({"description": _TEXT}),
                "jobType": _facet({"integration": _TEXT, "jobType": _TEXT, "processingType": _TEXT}),
                "ownership": _facet(
                    {
                        "owners": _array(
                            {
                                "type": "object",
                                "properties": {"name": {"type": "string"}},
                                "required": ["name"],
                            },
                            100,
                        )
                    }
                ),
                "lineage": _facet(
                    {
                        "entries": _array(
                            {
                                "type": "object",
                                "properties": {
                                    **_NAMES,
                                    "type": {"enum": ["DATASET", "JOB"]},
                                    "inputs": _LINEAGE_INPUTS,
                                    "fields": _LINEAGE_FIELDS,
                                },
                                "required": ["type"],
                                "if": {"properties": {"type": {"const": "DATASET"}}},
                                "then": {"required": ["namespace", "name"]},
                            },
                            MAX_DATASETS,
                        )
                    }
                ),
            }
        ),
    },
    "required": ["namespace", "name"],
}
_RUN = {
    "type": "object",
    "properties": {
        "runId": {"type": "string", "format": "uuid"},
        "facets": _facets(
            {
                "errorMessage": _facet({"message": {"type": "string"}}),
                "nominalTime": _facet({"nominalStartTime": _TIME}),
                "parent": _facet(
                    {
                        "run": {
                            "type": "object",
                            "properties": {"runId": {"type": "string", "format": "uuid"}},
                        },
                        "job": {"type": "object", "properties": _NAMES},
                    }
                ),
            }
        ),
    },
    "required": ["runId"],
}
EVENT_SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "properties": {
        "eventTime": _TIME,
        "producer": {"type": "string", "maxLength": 2048},
        "schemaURL": {"type": "string", "maxLength": 2048},
        "eventType": {"enum": ["START", "RUNNING", "COMPLETE", "ABORT", "FAIL", "OTHER", None]},
        "run": _RUN,
        "job": _JOB,
        "dataset": _DATASET,
        "inputs": _array(_DATASET, MAX_DATASETS),
        "outputs": _array(_DATASET, MAX_DATASETS),
    },
    "required": ["eventTime", "producer", "schemaURL"],
    "anyOf": [{"required": ["job"]}, {"required": ["dataset"]}],
    "dependentRequired": {"run": ["job"]},
    "not": {"required": ["job", "dataset"]},
}
_VALIDATOR = jsonschema_rs.Draft202012Validator(EVENT_SCHEMA, validate_formats=True)


class Fault(NamedTuple):
    path: tuple[Step, ...]
    message: str

    @property
    def dotted_path(self) -> str:
        return ".".join(map(str, self.path))


def is_well_formed(event: Any) -> bool:
    return bool(_VALIDATOR.is_valid(event))


def list_faults(event: Any) -> Iterator[Fault]:
    for error in _VALIDATOR.iter_errors(event):
        yield Fault(tuple(error.instance_path), str(error.message)[-MAX_MESSAGE:])


def find_faults(event: Any) -> list[tuple[str, str]]:
    """Path with dots, and what is wrong, of each fault; the first of many."""
    return [(fault.dotted_path, fault.message) for fault in islice(list_faults(event), MAX_ERRORS)]
