"""A run that never saw AWS has watched nothing, and says so."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest

from demo.embedded.waits import NotSeenError
from tests.tools.chaos.compare.test_observed import GRANT
from tools.chaos.compare import approved_access
from tools.chaos.compare.approved_access import ApprovedAccess
from tools.chaos.compare.watcher import AccessWatcher


class BlindWatcher(AccessWatcher):
    """Its looks fail, or not."""

    poll_seconds = 60.0

    def __init__(self, error: Exception | None = None) -> None:
        cloud = SimpleNamespace(control=lambda _path: [])
        stage: Any = SimpleNamespace(cloud=cloud, write_line=lambda _line: None)
        super().__init__(stage)
        self.error = error
        self.looks = 0

    def check(self) -> None:
        self.looks += 1
        if self.error:
            raise self.error


def test_a_watcher_without_a_single_look_names_why() -> None:
    watch = BlindWatcher(psycopg.OperationalError("the server is away\nand once more"))
    watch.start()
    with pytest.raises(NotSeenError, match=r"with AWS: the server is away$"):
        watch.stop()


def test_a_watcher_that_is_stopped_early_looks_once() -> None:
    watch = BlindWatcher()
    watch.start()
    watch.stop()
    assert watch.looks == 1


def judge_looks(
    watch: AccessWatcher, monkeypatch: pytest.MonkeyPatch, *looks: tuple[ApprovedAccess, ApprovedAccess]
) -> set[int]:
    """Each look with what was shown before the oracle denied it, and after."""
    monkeypatch.setattr(approved_access, "is_denied", lambda _stage, _grant: True)
    for before, after in looks:
        watch._judge_denied(watch._find_denied([before]), [after])
    return watch.denied_intents


def test_a_grant_shown_as_usable_that_the_oracle_denies_twice_on_one_proof_is_denied(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    again = replace(GRANT, evidence=8)
    ending = replace(GRANT, usable=False)
    assert judge_looks(BlindWatcher(), monkeypatch, (GRANT, GRANT)) == set()
    assert judge_looks(BlindWatcher(), monkeypatch, (GRANT, GRANT), (GRANT, GRANT)) == {GRANT.intent}
    assert judge_looks(BlindWatcher(), monkeypatch, (GRANT, GRANT), (again, again)) == set()
    assert judge_looks(BlindWatcher(), monkeypatch, (GRANT, ending), (GRANT, ending)) == set()
    assert judge_looks(BlindWatcher(), monkeypatch, (ending, ending), (ending, ending)) == set()


def test_while_shares_are_taken_apart_it_takes_the_evidence_of_three_rounds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rounds = [replace(GRANT, evidence=number) for number in (7, 7, 7, 8, 9)]
    watch = BlindWatcher()
    watch.loses_shares = True
    assert judge_looks(watch, monkeypatch, *((one, one) for one in rounds[:4])) == set()
    assert judge_looks(watch, monkeypatch, *((one, one) for one in rounds[4:])) == {GRANT.intent}
