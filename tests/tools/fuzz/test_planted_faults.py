"""The fuzzer finds faults that are planted into the API."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.core import signals
from django.db import close_old_connections

from portal.request_form.api import targets
from tests.bank import make_bank
from tools.fuzz import callers
from tools.management.commands import fuzz

OPTIONS = {
    "seed": 3,
    "examples": 1,
    "seconds": None,
    "callers": ["owner"],
    "only": "/databases",
    "operations": False,
}


@contextmanager
def no_stage(_write_line: Callable[[str], None]) -> Iterator[Callable[[], None]]:
    """The test's database, whose connection stays open between the calls."""
    ends = (signals.request_started, signals.request_finished)
    for end in ends:
        end.disconnect(close_old_connections)
    yield lambda: None
    for end in ends:
        end.connect(close_old_connections)


def break_database(*_arguments: Any) -> Any:
    raise ZeroDivisionError


def give_number(_shape: Any, row: Any) -> str:
    """What the document calls a text."""
    return row.pk  # type: ignore[no-any-return]


def test_a_planted_500_and_an_answer_outside_the_schema_are_found(
    db: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    bank = make_bank()
    monkeypatch.setattr(fuzz, "seeded_bank", no_stage)
    monkeypatch.setattr(callers, "find_person", lambda _email: bank.ines)
    assert fuzz.run(OPTIONS) == 0, capsys.readouterr().out
    monkeypatch.setattr(targets, "get_database", break_database)
    monkeypatch.setattr(targets.DatabaseOut, "get_id", give_number)
    assert fuzz.run(OPTIONS) == 1
    told = capsys.readouterr().out
    assert "GET /api/v1/databases/{id}/members as owner: ServerError" in told
    assert "GET /api/v1/databases as owner: JsonSchemaError" in told
    assert "curl -X GET" in told
    assert "--seed 3" in told
