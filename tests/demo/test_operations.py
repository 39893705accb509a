"""What *Try to break it* refuses, it refuses in a sentence."""

from typing import Any

import psycopg
import pytest
from botocore.exceptions import EndpointConnectionError

from demo.supervisor.control_socket import OperationError
from demo.supervisor.supervisor import Supervisor
from demo.try_to_break_operations import parse_number, with_operation_errors


@pytest.mark.parametrize("value", [True, False, 0, -1, 11, 1.0, "1", None, [1]])
def test_a_number_is_a_whole_number_in_its_range(value: Any) -> None:
    with pytest.raises(OperationError, match=r"^calls is a number from 1 to 10$"):
        parse_number({"calls": value}, "calls", most=10)
    assert parse_number({"calls": 10}, "calls", most=10) == 10


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (psycopg.errors.DatetimeFieldOverflow("LINE 1: SELECT make_interval"), "the database refused this"),
        (psycopg.OperationalError("connection to server at …"), "the database does not answer just now"),
        (EndpointConnectionError(endpoint_url="http://127.0.0.1:1"), "the pretend AWS does not answer"),
        (ConnectionRefusedError(111, "refused"), "the portal does not answer just now"),
    ],
)
def test_the_words_of_drivers_stay_in_the_log(error: Exception, said: str) -> None:
    def fails(_supervisor: Supervisor, _request: dict[str, Any]) -> dict[str, Any]:
        raise error

    with pytest.raises(OperationError, match=f"^{said}") as refused:
        with_operation_errors(fails)(None, {})  # type: ignore[arg-type]
    assert str(error) not in str(refused.value)
