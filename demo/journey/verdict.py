"""The verdict: the main job on the running site, as the signed-in persons and with credentials of their roles."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from demo.journey import principals
from demo.journey.cloud import Cloud
from demo.journey.consumers import CATALOG, CONSUMERS, GOVERNANCE_ADMIN, PRODUCER
from demo.journey.main_job import MainJob, moment
from demo.journey.principals import People
from demo.journey.results import Report, demand, wait_for
from demo.journey.site import Visitor
from demo.journey.usage import use_some
from demo.setup import PASSWORD
from demo.supervisor.supervisor import Supervisor

SYNC_SECONDS = 30.0


def run(supervisor: "Supervisor", say: Callable[[str], None]) -> list[dict[str, Any]]:
    """The steps of one verdict: dicts of name, ok, seconds, detail. Never raises for what the site or AWS do."""
    password = supervisor.folder.secret(PASSWORD)
    cloud = Cloud(supervisor.aws_port, supervisor.folder.path / "aws")
    return Verdict(supervisor.url, password, cloud, Report(say)).run()


class Verdict:
    """One run for all consumers, side by side."""

    def __init__(self, url: str, password: str, cloud: Cloud, report: Report) -> None:
        self.report = report
        self.cloud = cloud
        self._url = url
        self._password = password
        self._people: People | None = None
        self._roles: dict[str, str] = {}
        self._now = datetime.now(UTC)

    @property
    def people(self) -> People:
        assert self._people is not None
        return self._people

    def run(self) -> list[dict[str, Any]]:
        road = self.report.road()
        road.step("the persons sign in", self.sign_in)
        road.step(
            "what an earlier verdict left is ended", lambda: principals.end_earlier(self.cloud, self.people)
        )
        road.step("each consumer's account gets a role for this verdict", self.make_roles)
        road.step("the governance catalog is synced", self.sync)
        if road.is_sound:
            self._go_side_by_side()
        if self._people:
            last = self.report.road()
            last.step("what this verdict made is ended", self.end)
            last.step("a reader's roles use what they hold", self.use)
        return self.report.steps()

    def sign_in(self) -> str:
        def person(email: str) -> Visitor:
            return Visitor(self._url, email, self._password)

        consumers = {consumer.name: person(consumer.email) for consumer in CONSUMERS}
        self._people = People(person(GOVERNANCE_ADMIN), person(PRODUCER), consumers)
        return ", ".join(
            one.email for one in (self.people.governor, self.people.producer, *consumers.values())
        )

    def make_roles(self) -> str:
        for consumer in CONSUMERS:
            self._roles[consumer.name] = principals.create(self.cloud, consumer)
        return ", ".join(self._roles.values())

    def sync(self) -> str:
        """Asked for through the site, done by the workers; the new roles are in the mirror afterwards."""
        asked = self.people.governor.post("sync-runs", {"catalog": CATALOG})
        # A demonstration may have turned the portal's clock: the request's end is counted from there.
        self._now = moment(asked["created_at"])

        def done() -> dict[str, Any] | None:
            one: dict[str, Any] = self.people.governor.get(f"sync-runs/{asked['id']}")
            return one if one["finished_at"] else None

        found = wait_for(done, SYNC_SECONDS, "the reading did not end")
        demand(found["state_reason"] == "succeeded", f"the run is {found['state']}: {found['error']}")
        for consumer in CONSUMERS:
            known = {one["id"] for one in self.people.consumers[consumer.name].every("principals")}
            demand(self._roles[consumer.name] in known, f"{self._roles[consumer.name]} was not found")
        return "{database_count} databases, {table_count} tables, {principal_count} roles".format(**found)

    def end(self) -> str:
        detail = principals.end_own(self.cloud, self.people, list(self._roles.values()))
        if self._roles:
            self.people.governor.post("sync-runs", {"catalog": CATALOG})
        return detail

    def use(self) -> str:
        return use_some(self.cloud, self.people.consumers[CONSUMERS[0].name])

    def _go_side_by_side(self) -> None:
        threads = []
        for consumer in CONSUMERS:
            job = MainJob(consumer, self._roles[consumer.name], self.people, self.cloud, self._now)
            road = self.report.road(consumer.title)
            threads.append(threading.Thread(target=job.run, args=(road,), name=consumer.name))
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
