"""The fast look at a request and the slow one that words what is wrong think the same of it."""

from typing import Any

import pytest

from mocklake.errors import AwsError
from mocklake.switches import Switches
from mocklake.validation.fitting import fits_of
from mocklake.validation.requests import validated

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


@pytest.mark.parametrize(("operation", "params"), FITTING)
def test_what_fits_is_not_refused(operation: str, params: dict[str, Any]) -> None:
    assert fits_of("glue", operation)(params)
    assert validated("glue", operation, params, Switches()) is params


@pytest.mark.parametrize(("operation", "params"), BROKEN)
def test_what_does_not_fit_is_refused_with_its_place(operation: str, params: dict[str, Any]) -> None:
    assert not fits_of("glue", operation)(params)
    with pytest.raises(AwsError, match="1 validation error detected"):
        validated("glue", operation, params, Switches())
