"""What AWS's models do not have is found in answers and errors, and refused where mocklake is strict."""

from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.model import OperationModel

from mocklake.errors import AwsError
from mocklake.protocols import model
from mocklake.server.gateway import is_modelled, list_misfits
from mocklake.server.operations import HANDLERS
from mocklake.testing.checks import refused
from mocklake.testing.in_process import InProcess

ACCOUNT = "111111111111"


def _operation(name: str) -> OperationModel:
    return model("glue").operation_model(name)


@pytest.mark.parametrize(
    ("database", "problem"),
    [
        ({"Name": "d", "CreateTime": datetime.now(UTC), "Parameters": {"a": "b"}}, None),
        ({}, "GetDatabase.Database.Name is missing"),
        ({"Name": "d", "Colour": "red"}, "GetDatabase.Database.Colour is not in AWS's model"),
        ({"Name": 1}, "GetDatabase.Database.Name is no string: 1"),
        ({"Name": "d", "Description": None}, "GetDatabase.Database.Description is null"),
        ({"Name": "d", "Parameters": {"a": True}}, "GetDatabase.Database.Parameters.a is no string: True"),
        (
            {"Name": "d", "CreateTableDefaultPermissions": [{"Permissions": ["READ"]}]},
            "GetDatabase.Database.CreateTableDefaultPermissions[0].Permissions[0] is none of ALL, SELECT",
        ),
        ("d", "GetDatabase.Database is no structure: 'd'"),
    ],
)
def test_a_misfit_is_told_with_its_place(database: Any, problem: str | None) -> None:
    found = list_misfits(_operation("GetDatabase"), {"Database": database})
    if problem is None:
        assert found == []
    else:
        assert found[0].startswith(problem)


def test_an_operation_without_an_answer_answers_nothing() -> None:
    operation = model("athena").operation_model("DeleteNotebook")
    assert list_misfits(operation, {}) == []
    assert list_misfits(operation, {"Colour": "red"}) != []


def test_error_codes_are_the_operations_own_or_common_ones() -> None:
    assert is_modelled(_operation("GetDatabase"), "EntityNotFoundException")
    assert is_modelled(_operation("GetDatabase"), "ThrottlingException")
    assert not is_modelled(_operation("GetDatabase"), "AlreadyExistsException")


def _misspelt(*_: Any) -> dict[str, Any]:
    return {"Databases": []}


def _refusing(*_: Any) -> dict[str, Any]:
    raise AwsError("NoSuchDatabase", "there is none")


@pytest.mark.parametrize("handler", [_misspelt, _refusing])
def test_a_strict_gateway_gives_out_no_misfit(monkeypatch: pytest.MonkeyPatch, handler: Any) -> None:
    monkeypatch.setitem(HANDLERS["glue"], "GetDatabases", handler)
    assert refused(InProcess().client("glue", ACCOUNT).get_databases) == "InternalFailure"
    lenient = InProcess(strict=False).client("glue", ACCOUNT)
    if handler is _misspelt:
        assert "DatabaseList" not in lenient.get_databases()
    else:
        assert refused(lenient.get_databases) == "NoSuchDatabase"
