"""Sessions in other accounts are kept while they are used, and never more than so many."""

from typing import Any

import pytest

from identity.kept import Kept
from tests.workers.mesh import Mesh
from workers.aws import sessions


def test_the_session_that_was_not_used_for_the_longest_time_makes_room(
    mesh: Mesh, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept: Kept[Any, Any] = Kept(2)
    monkeypatch.setattr(sessions, "_assumed", kept)
    account, region = mesh.catalog.account, mesh.catalog.region
    for name in ("often", "once", "often", "another"):
        sessions.client("glue", account=account, role="observer", region=region, session_name=name)
    arn = account.observer_role_arn
    assert [bool(kept.get((arn, name))) for name in ("often", "once", "another")] == [True, False, True]
