"""A call lands while it is waited for: it begins as soon as it is marked as sent, or not at all."""

from collections.abc import Iterator
from itertools import chain, repeat
from typing import Any

import pytest

from fulfilment.rounds import Step, WriteInFlight
from lakeformation.planning import changes
from tests.workers.mesh import Mesh
from workers.aws.errors import AwsError, ErrorKind
from workers.aws.writes import get_write_client
from workers.engine import send

SENT = Step.objects.filter(sent_at__isnull=False)


def test_the_role_is_assumed_before_a_step_is_marked_as_sent(
    mesh: Mesh, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_then: list[bool] = []

    def made(step: changes.Step, **more: Any) -> Any:
        open_then.append(Step.objects.filter(outcome="sent").exists())
        return get_write_client(step, **more)

    monkeypatch.setattr(send, "get_write_client", made)
    mesh.run_until_presence(mesh.grant(), "present")
    assert set(open_then) == {False}


def test_a_role_that_cannot_be_had_just_now_leaves_nothing_to_wait_for(
    mesh: Mesh, monkeypatch: pytest.MonkeyPatch
) -> None:
    marked: list[bool] = []

    def made(step: changes.Step, **more: Any) -> Any:
        marked.append(SENT.exists())
        if len(marked) == 1:
            raise AwsError(ErrorKind.UNKNOWN, "ReadTimeoutError", "no answer")
        return get_write_client(step, **more)

    monkeypatch.setattr(send, "get_write_client", made)
    mesh.run_until_presence(mesh.grant(), "present")
    assert marked[:2] == [False, False]


def test_what_was_held_up_is_not_sent_and_tried_again(mesh: Mesh, monkeypatch: pytest.MonkeyPatch) -> None:
    grant, before = mesh.grant(), mesh.get_last_call()
    times: Iterator[float] = chain([0.0, 60.0], repeat(60.0))
    monkeypatch.setattr(send, "monotonic", lambda: next(times))
    mesh.run_until_presence(grant, "present")
    held_up = Step.objects.get(outcome="skipped", error__contains="was delayed")
    assert (held_up.sent_at, held_up.open_until) == (None, None)
    assert not WriteInFlight.objects.exists()
    assert len(mesh.list_writes(before)) == SENT.count()
