"""Times with which the engine's proofs would not hold are refused."""

from typing import Any

import pytest
from pytest_django.fixtures import Settings

from workers.checks import check_engine_times

TIMES = {"CALL_DEADLINE": 10, "SHORT_TRANSACTION": 1, "LEASE": 11.1, "SETTLE": 5, "VISIBILITY_DELAY": 5}


@pytest.mark.parametrize(
    ("times", "expected"),
    [
        ({}, []),
        ({"SHORT_TRANSACTION": 2}, ["workers.E001"]),
        ({"LEASE": 11}, ["workers.E001"]),
        ({"SETTLE": 4.9}, ["workers.E002"]),
    ],
)
def test_times_are_held_to_one_another(
    settings: Settings, times: dict[str, Any], expected: list[str]
) -> None:
    for name, seconds in {**TIMES, **times}.items():
        setattr(settings, name, seconds)
    assert [error.id for error in check_engine_times()] == expected
