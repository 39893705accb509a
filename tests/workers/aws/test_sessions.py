"""Sessions in other accounts are kept while they are used, never more than so many; one waits for no other."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.workers.mesh import Mesh
from workers.aws import sessions


def test_the_session_that_was_not_used_for_the_longest_time_makes_room(
    mesh: Mesh, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = sessions.build_session_cache(2)
    monkeypatch.setattr(sessions, "_session_cache", kept)
    account, region = mesh.catalog.account, mesh.catalog.region
    for name in ("often", "once", "often", "another"):
        sessions.get_client("glue", account=account, role="observer", region=region, session_name=name)
    arn = account.observer_role_arn
    assert [bool(kept.get((arn, name))) for name in ("often", "once", "another")] == [True, False, True]


class SlowOnce:
    """STS that does not answer one session's name until it is let go on; `asked` are the names it was asked for."""

    def __init__(self, real: Any, name: str) -> None:
        self._real, self._name = real, name
        self.begun, self.go_on = threading.Event(), threading.Event()
        self.asked: list[str] = []

    def assume_role(self, **options: Any) -> Any:
        self.asked.append(options["RoleSessionName"])
        if options["RoleSessionName"] == self._name:
            self.begun.set()
            assert self.go_on.wait(30)
        return self._real.assume_role(**options)


def test_a_role_that_is_slow_to_be_had_keeps_no_other_waiting(
    mesh: Mesh, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever wants the same one waits, and does not ask again."""
    sts = SlowOnce(sessions._locked_worker_sts(), "slow")
    monkeypatch.setattr(sessions, "_locked_worker_sts", lambda: sts)
    monkeypatch.setattr(sessions, "_session_cache", sessions.build_session_cache(9))
    account, region = mesh.catalog.account, mesh.catalog.region

    def speak(name: str) -> Any:
        return sessions.get_client("glue", account=account, role="observer", region=region, session_name=name)

    with ThreadPoolExecutor(3) as pool:
        slow = pool.submit(speak, "slow")
        assert sts.begun.wait(30)
        same = pool.submit(speak, "slow")
        assert pool.submit(speak, "quick").result(30)
        assert [slow.done(), same.done()] == [False, False]
        sts.go_on.set()
        assert slow.result(30)
        assert same.result(30)
    assert sts.asked == ["slow", "quick"]
