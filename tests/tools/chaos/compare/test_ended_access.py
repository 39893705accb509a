"""`manage.py chaos`, part *races*: what is said to be gone and is there is seen, also of grants that are long over."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from demo.bank.accounts import GOVERNANCE, REGION
from tests.workers.mesh import Mesh
from tools.chaos.compare import approved, observed
from tools.chaos.compare.ended_access import Goings


@dataclass
class Ground:
    """What of a stage a look needs."""

    mesh: Mesh
    said: list[str] = field(default_factory=list)
    superuser_url: str = field(default_factory=lambda: os.environ["DATABASE_URL"])

    @property
    def cloud(self) -> "Ground":
        return self

    def root(self, service: str, account: str, _region: str) -> Any:
        return self.mesh.cloud.client(service, account)

    def say(self, line: str) -> None:
        self.said.append(line)


@pytest.fixture
def goings(mesh: Mesh, monkeypatch: pytest.MonkeyPatch) -> Iterator[Goings]:
    monkeypatch.setattr("tools.chaos.compare.ended_access.CATALOGS", [(GOVERNANCE, REGION)])
    monkeypatch.setattr("tools.chaos.compare.watcher.CATALOGS", [(GOVERNANCE, REGION)])
    made = Goings(Ground(mesh))  # type: ignore[arg-type]
    yield made
    made.close()


def gone(mesh: Mesh, *columns: str) -> int:
    """A grant that came and went; returns its intent."""
    grant = mesh.grant(columns)
    mesh.work_until(grant, "present")
    mesh.revoke(grant)
    mesh.work_until(grant, "absent")
    return grant.intent_id


def test_what_came_back_is_wrong_at_the_second_look(mesh: Mesh, goings: Goings) -> None:
    intent = gone(mesh, "region")
    goings.look()
    mesh.slip_in(("region",))
    goings.look()
    assert goings.wrong == set()
    goings.look()
    assert goings.wrong == {intent}


def test_what_was_gone_before_the_first_look_is_looked_for_too(mesh: Mesh, goings: Goings) -> None:
    intent = gone(mesh, "region")
    mesh.slip_in(("region",))
    goings.look()
    goings.look()
    assert goings.wrong == {intent}


def test_what_somebody_agreed_to_anew_may_be_there(mesh: Mesh, goings: Goings) -> None:
    gone(mesh, "region")
    goings.look()
    mesh.work_until(mesh.grant(("region", "gender")), "present")
    for _ in range(3):
        goings.look()
    assert goings.wrong == set()


def test_what_went_from_one_look_to_the_next_is_remembered(mesh: Mesh, goings: Goings) -> None:
    grant = mesh.grant(("region",))
    mesh.work_until(grant, "present")
    goings.look()
    mesh.revoke(grant)
    mesh.work_until(grant, "absent")
    mesh.slip_in(("region",))
    goings.look()
    goings.look()
    assert goings.wrong == {grant.intent_id}


def test_that_something_is_not_there_is_not_judged(mesh: Mesh, goings: Goings) -> None:
    mesh.work_until(mesh.grant(("region",)), "present")
    mesh.take_away(("region",))
    for _ in range(3):
        goings.look()
    assert goings.wrong == set()


def test_only_what_is_over_is_left_out(mesh: Mesh) -> None:
    address = os.environ["DATABASE_URL"]
    over, lives = gone(mesh, "region"), mesh.grant(("gender",))
    mesh.work_until(lives, "present")
    ended = mesh.grant(("policy_id",))
    mesh.work_until(ended, "present")
    mesh.revoke(ended)
    assert [one.intent for one in approved.read_open(address)] == [lives.intent_id, ended.intent_id]
    assert [one.intent for one in approved.read_agreed(address)] == [over, lives.intent_id, ended.intent_id]
    assert next(one.intent for one in approved.read_open(address, after=over - 1)) == over
    assert observed.compare(approved.read_open(address), {}).lost
