"""Clients in other accounts are kept while they are used, and never more than so many."""

import pytest

from tests.workers.mesh import Mesh
from workers.aws import sessions


def test_the_client_that_was_not_used_for_the_longest_time_makes_room(
    mesh: Mesh, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sessions, "MOST_KEPT", 2)

    def client(name: str) -> object:
        account, region = mesh.catalog.account, mesh.catalog.region
        return sessions.client("glue", account=account, role="observer", region=region, session_name=name)

    often, once = client("often"), client("once")
    assert client("often") is often
    client("another")
    assert client("often") is often
    assert client("once") is not once
    assert (len(sessions._clients), len(sessions._assumed)) == (2, 2)
