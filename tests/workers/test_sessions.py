"""Sessions in other accounts are kept while they are used, and never more than so many."""

import pytest

from tests.workers.mesh import Mesh
from workers.aws import sessions


def test_the_session_that_was_not_used_for_the_longest_time_makes_room(
    mesh: Mesh, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sessions, "MOST_KEPT", 2)
    account, region = mesh.catalog.account, mesh.catalog.region
    for name in ("often", "once", "often", "another"):
        sessions.client("glue", account=account, role="observer", region=region, session_name=name)
    assert [name for _role, name in sessions._assumed] == ["often", "another"]
