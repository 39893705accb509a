"""`manage.py chaos`, part *races*: what is said to be gone and is there is seen, also of grants that are long over."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from demo.bank.accounts import GOVERNANCE, REGION
from tests.workers.engine_rounds import wait_for_listings
from tests.workers.mesh import Mesh
from tools.chaos.compare import approved_access, observed_access
from tools.chaos.compare.watcher import EndedAccessWatcher


@dataclass
class FakeEnvironment:
    """What of a stage a look needs."""

    mesh: Mesh
    said: list[str] = field(default_factory=list)
    superuser_url: str = field(default_factory=lambda: os.environ["DATABASE_URL"])

    @property
    def cloud(self) -> "FakeEnvironment":
        return self

    def root(self, service: str, account: str, _region: str) -> Any:
        return self.mesh.cloud.client(service, account)

    def write_line(self, line: str) -> None:
        self.said.append(line)


@pytest.fixture
def goings(mesh: Mesh, monkeypatch: pytest.MonkeyPatch) -> Iterator[EndedAccessWatcher]:
    monkeypatch.setattr("tools.chaos.compare.watcher.CATALOGS", [(GOVERNANCE, REGION)])
    monkeypatch.setattr("tools.chaos.compare.watcher.CATALOGS", [(GOVERNANCE, REGION)])
    made = EndedAccessWatcher(FakeEnvironment(mesh))  # type: ignore[arg-type]
    yield made
    made.close()


def make_ended_grant(mesh: Mesh, *columns: str) -> int:
    """A grant that came and went; returns its intent."""
    grant = mesh.grant(columns)
    mesh.run_until_presence(grant, "present")
    mesh.revoke(grant)
    mesh.run_until_presence(grant, "absent")
    return grant.intent_id


def grant_outside_portal(mesh: Mesh) -> None:
    mesh.grant_outside_portal(("region",))
    wait_for_listings()


def test_what_came_back_is_wrong_at_the_second_look(mesh: Mesh, goings: EndedAccessWatcher) -> None:
    intent = make_ended_grant(mesh, "region")
    goings.check()
    grant_outside_portal(mesh)
    goings.check()
    assert goings.wrong_intents == set()
    goings.check()
    assert goings.wrong_intents == {intent}


def test_what_was_gone_before_the_first_look_is_looked_for_too(
    mesh: Mesh, goings: EndedAccessWatcher
) -> None:
    intent = make_ended_grant(mesh, "region")
    grant_outside_portal(mesh)
    goings.check()
    goings.check()
    assert goings.wrong_intents == {intent}


def test_what_somebody_agreed_to_anew_may_be_there(mesh: Mesh, goings: EndedAccessWatcher) -> None:
    make_ended_grant(mesh, "region")
    goings.check()
    mesh.run_until_presence(mesh.grant(("region", "gender")), "present")
    for _ in range(3):
        goings.check()
    assert goings.wrong_intents == set()


def test_what_went_from_one_look_to_the_next_is_remembered(mesh: Mesh, goings: EndedAccessWatcher) -> None:
    grant = mesh.grant(("region",))
    mesh.run_until_presence(grant, "present")
    goings.check()
    mesh.revoke(grant)
    mesh.run_until_presence(grant, "absent")
    grant_outside_portal(mesh)
    goings.check()
    goings.check()
    assert goings.wrong_intents == {grant.intent_id}


def test_that_something_is_not_there_is_not_judged(mesh: Mesh, goings: EndedAccessWatcher) -> None:
    mesh.run_until_presence(mesh.grant(("region",)), "present")
    mesh.revoke_outside_portal(("region",))
    for _ in range(3):
        goings.check()
    assert goings.wrong_intents == set()


def test_only_what_is_over_is_left_out(mesh: Mesh) -> None:
    address = os.environ["DATABASE_URL"]
    over, lives = make_ended_grant(mesh, "region"), mesh.grant(("gender",))
    mesh.run_until_presence(lives, "present")
    ended = mesh.grant(("policy_id",))
    mesh.run_until_presence(ended, "present")
    mesh.revoke(ended)
    assert [one.intent for one in approved_access.read_open_approvals(address)] == [
        lives.intent_id,
        ended.intent_id,
    ]
    assert [one.intent for one in approved_access.read_approved(address)] == [
        over,
        lives.intent_id,
        ended.intent_id,
    ]
    assert next(one.intent for one in approved_access.read_open_approvals(address, after=over - 1)) == over
    assert observed_access.compare_access(approved_access.read_open_approvals(address), {}).lost
