"""The fast look at a request and the slow one that words what is wrong think the same of it."""

from typing import Any

import pytest

from mocklake.errors import AwsError
from mocklake.glue import constraints
from mocklake.glue.fitting import fits
from mocklake.protocols import model

TABLE = {"Name": "t", "StorageDescriptor": {"Columns": [{"Name": "a", "Type": "int"}]}}
LONG = "x" * 256
FITTING: list[tuple[str, dict[str, Any]]] = [
    ("CreateTable", {"DatabaseName": "d", "TableInput": TABLE}),
    ("CreateTable", {"DatabaseName": "d" * 255, "TableInput": TABLE | {"Description": ""}}),
    ("CreateTable", {"DatabaseName": "d", "TableInput": TABLE | {"Parameters": {"k": "a\nb"}}}),
    ("GetTables", {"DatabaseName": "d", "MaxResults": 100}),
    ("GetTables", {"DatabaseName": "d", "AttributesToGet": ["NAME"]}),
]
BROKEN: list[tuple[str, dict[str, Any]]] = [
    ("CreateTable", {"TableInput": TABLE}),
    ("CreateTable", {"DatabaseName": "", "TableInput": TABLE}),
    ("CreateTable", {"DatabaseName": LONG, "TableInput": TABLE}),
    ("CreateTable", {"DatabaseName": "line\nend", "TableInput": TABLE}),
    ("CreateTable", {"DatabaseName": "d", "TableInput": {"Name": "t", "Retention": -1}}),
    ("CreateTable", {"DatabaseName": "d", "TableInput": TABLE | {"PartitionKeys": [{"Name": LONG}]}}),
    ("CreateTable", {"DatabaseName": "d", "TableInput": TABLE | {"PartitionKeys": [{}]}}),
    ("CreateTable", {"DatabaseName": "d", "TableInput": TABLE | {"Parameters": {"": "x"}}}),
    ("GetTables", {"DatabaseName": "d", "MaxResults": 101}),
    ("GetTables", {"DatabaseName": "d", "AttributesToGet": ["COLOUR"]}),
]


def _shape(operation: str) -> Any:
    return model("glue").operation_model(operation).input_shape


@pytest.mark.parametrize(("operation", "params"), FITTING)
def test_what_fits_is_not_refused(operation: str, params: dict[str, Any]) -> None:
    assert fits(params, _shape(operation))
    assert list(constraints._broken(params, _shape(operation), "")) == []
    constraints.check(operation, params)


@pytest.mark.parametrize(("operation", "params"), BROKEN)
def test_what_does_not_fit_is_refused_with_its_place(operation: str, params: dict[str, Any]) -> None:
    assert not fits(params, _shape(operation))
    with pytest.raises(AwsError, match="1 validation error detected"):
        constraints.check(operation, params)
