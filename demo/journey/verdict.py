"""The verdict: the main job on the running site, as the signed-in persons and with credentials of their roles."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from demo.bank.accounts import TRAILS
from demo.embedded.waits import wait_for_change
from demo.journey import verdict_roles
from demo.journey.cloud import Cloud
from demo.journey.main_job import MainJob, parse_time
from demo.journey.site_client import SiteClient
from demo.journey.steps import VerdictReport, require
from demo.journey.verdict_roles import CATALOG, CONSUMERS, GOVERNANCE_ADMIN, PRODUCER, SignedInPeople
from demo.marketplace_setup import PASSWORD_SECRET
from demo.supervisor.supervisor import Supervisor
from lakeformation.access.link_naming import link_name
from lakeformation.values.permissions import DataCatalog

MAX_GRANTS = 3


def run_verdict(supervisor: "Supervisor", say: Callable[[str], None]) -> list[dict[str, Any]]:
    """The steps of one verdict: dicts of name, ok, seconds, detail. Never raises for what the site or AWS do."""
    password = supervisor.folder.get_secret(PASSWORD_SECRET)
    cloud = Cloud(supervisor.aws_port, supervisor.folder.path / "aws")
    return Verdict(supervisor.url, password, cloud, VerdictReport(say)).run()


class Verdict:
    """One run for all consumers, side by side."""

    def __init__(self, url: str, password: str, cloud: Cloud, report: VerdictReport) -> None:
        self.report = report
        self.cloud = cloud
        self._url = url
        self._password = password
        self._people: SignedInPeople | None = None
        self._roles: dict[str, str] = {}
        self._now = datetime.now(UTC)

    @property
    def people(self) -> SignedInPeople:
        assert self._people is not None
        return self._people

    def run(self) -> list[dict[str, Any]]:
        road = self.report.add_sequence()
        road.run_step("the persons sign in", self.sign_in)
        road.run_step(
            "what an earlier verdict left is ended",
            lambda: verdict_roles.clean_up_earlier_runs(self.cloud, self.people),
        )
        road.run_step("each consumer's account gets a role for this verdict", self.make_roles)
        road.run_step("the governance catalog is synced", self.sync)
        if road.is_passing:
            self._run_consumers()
        if self._people:
            last = self.report.add_sequence()
            last.run_step("what this verdict made is ended", self.clean_up)
            last.run_step("a reader's roles use what they hold", self.run_sample_queries)
        return self.report.to_json()

    def sign_in(self) -> str:
        def person(email: str) -> SiteClient:
            return SiteClient(self._url, email, self._password)

        consumers = {consumer.name: person(consumer.email) for consumer in CONSUMERS}
        self._people = SignedInPeople(person(GOVERNANCE_ADMIN), person(PRODUCER), consumers)
        return ", ".join(
            one.email for one in (self.people.governor, self.people.producer, *consumers.values())
        )

    def make_roles(self) -> str:
        for consumer in CONSUMERS:
            self._roles[consumer.name] = verdict_roles.create_role(self.cloud, consumer)
        return ", ".join(self._roles.values())

    def sync(self) -> str:
        """Asked for through the site, done by the workers; the new roles are in the mirror afterwards."""
        asked = self.people.governor.post("sync-runs", {"catalog": CATALOG})
        # A demonstration may have turned the portal's clock: the request's end is counted from there.
        self._now = parse_time(asked["created_at"])

        found: dict[str, Any] = wait_for_change(
            lambda: self.people.governor.get(f"sync-runs/{asked['id']}"),
            lambda run: run["finished_at"],
            "the reading did not end",
        )
        require(found["state_reason"] == "succeeded", f"the run is {found['state']}: {found['error']}")
        for consumer in CONSUMERS:
            known = {one["id"] for one in self.people.consumers[consumer.name].list_all("principals")}
            require(self._roles[consumer.name] in known, f"{self._roles[consumer.name]} was not found")
        return "{database_count} databases, {table_count} tables, {principal_count} roles".format(**found)

    def clean_up(self) -> str:
        detail = verdict_roles.clean_up_run(self.cloud, self.people, list(self._roles.values()))
        if self._roles:
            self.people.governor.post("sync-runs", {"catalog": CATALOG})
        return detail

    def run_sample_queries(self) -> str:
        return run_sample_queries(self.cloud, self.people.consumers[CONSUMERS[0].name])

    def _run_consumers(self) -> None:
        threads = []
        for consumer in CONSUMERS:
            job = MainJob(consumer, self._roles[consumer.name], self.people, self.cloud, self._now)
            road = self.report.add_sequence(consumer.title)
            threads.append(threading.Thread(target=job.run, args=(road,), name=consumer.name))
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()


def run_sample_queries(cloud: Cloud, person: SiteClient) -> str:
    """Some of the person's roles query what they were given for good; says which tables."""
    rows = [one for one in person.list_all("grants") if _can_be_queried(one)][:MAX_GRANTS]
    for row in rows:
        arn, target = row["recipient"]["principal"]["id"], row["target"]
        place = next(one for one in TRAILS if one.catalog == target["catalog"]["id"])
        database = link_name(target["database"]["name"], DataCatalog(place.account, place.region))
        cloud.assume(arn).query(f'SELECT * FROM "{database}"."{target["table"]["name"]}" LIMIT 1')  # noqa: S608 - the seed's names
    return ", ".join(row["target"]["table"]["name"] for row in rows) or "none of them can be queried"


def _can_be_queried(row: dict[str, Any]) -> bool:
    if row["target"]["kind"] != "table" or row["metadata_only"] or not row["usable"]:
        return False
    principal = row["recipient"]["principal"]
    return principal is not None and ":role/" in principal["id"]
