"""The main job for one consumer: refused, asked, decided, applied, read, mended, revoked. Each method is a step."""

import html
import re
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from demo.bank.accounts import GOVERNANCE
from demo.journey import lake
from demo.journey.cloud import Assumed, Cloud, QueryAnswer
from demo.journey.consumers import BUCKET, DATABASE, OBJECT, PRODUCT, PRODUCT_NAME, SENSITIVE, TABLE, Consumer
from demo.journey.principals import People, is_absent, revoke
from demo.journey.results import Road, UnmetError, demand, wait_for

DAYS = 30
APPLY_SECONDS = 30.0
DRIFT_SECONDS = 60.0
DRIFT_WORDS = "Changed outside the portal"
ACCEPTED_WORDS = "Accepted the invitation"


class MainJob:
    """One consumer's way from *refused* to *proven* and back, as its persons and its role go it.

    `now` is the portal's time.
    """

    def __init__(self, consumer: Consumer, arn: str, people: People, cloud: Cloud, now: datetime) -> None:
        self.consumer = consumer
        self.arn = arn
        self.cloud = cloud
        self.now = now
        self.asker = people.consumers[consumer.name]
        self.producer = people.producer
        self.approved: tuple[str, ...] = ()
        self.keys: frozenset[str] = frozenset()
        self.every_column: tuple[str, ...] = ()
        self.link = ""
        self._table = self._request = self._item = self._grant = ""
        self._effects_hash = ""
        self._invited_before: set[str] = set()
        self._role: Assumed | None = None

    def run(self, road: Road) -> None:
        """All steps in order; the end is tried even when a step in between has failed."""
        for name, action in self._steps():
            road.step(name, action)

    def _steps(self) -> list[tuple[str, Callable[[], str]]]:
        invited = [("an invitation was accepted on the way", self.invited)]
        own = [(f"it reads only the rows where {self.consumer.row_rule}", self.reads_own_rows)]
        return [
            ("search finds Life Expectancy", self.search),
            ("its role is refused the table", self.refused),
            ("its role is refused the object in S3", self.object_refused),
            (f"requests {len(self.consumer.columns) + 1} columns for {DAYS} days", self.ask),
            ("the producer sees the exact effects and the plan", self.review),
            ("the producer approves", self.approve),
            ("workers apply it in both accounts and read it back", self.applied),
            *(invited if self.consumer.is_outside else []),
            ("its role reads exactly the approved columns", self.reads),
            *(own if self.consumer.region else []),
            ("its use shows, as CloudTrail tells of it", self.use_shows),
            ("the other columns do not exist for it", self.others_are_hidden),
            ("a permission removed outside the portal is found and repaired", self.mended),
            ("the producer revokes; absent only when read back", self.revoked),
            ("its role is refused again", self.refused_again),
        ]

    @property
    def role(self) -> Assumed:
        if self._role is None:
            self._role = self.cloud.assume(self.arn)
        return self._role

    def search(self) -> str:
        found = self.asker.get("search", q=self.consumer.search)
        places = [hit["id"] for hit in found["results"]]
        demand(PRODUCT in places, f"{self.consumer.search!r} found {places}")
        tables = self.asker.get(f"data-products/{PRODUCT}")["tables"]
        table = next(one for one in tables if one["name"] == TABLE)
        self._table = table["id"]
        self.every_column = tuple(column["name"] for column in table["columns"])
        self.keys = frozenset(c["name"] for c in table["columns"] if c["is_partition_key"])
        wanted = {*self.consumer.columns, *self.keys}
        self.approved = tuple(name for name in self.every_column if name in wanted)
        classes = {c["name"]: c["classification"] for c in table["columns"]}
        demand(classes.get(SENSITIVE) == "sensitive", f"{SENSITIVE} is {classes.get(SENSITIVE)!r}")
        place = places.index(PRODUCT) + 1
        return f"{self.consumer.search!r}: {PRODUCT_NAME} is hit {place} of {found['total_count']}; {len(classes)} columns"

    def refused(self) -> str:
        database = lake.link_of(self.cloud, self.consumer.account) or DATABASE
        answer = self._select("*", database)
        demand(answer.is_refused, f"the role could read {len(answer.rows)} rows")
        self._oracle_says(None)
        self._invited_before = set(lake.invitations(self.cloud, self.consumer.account))
        return f"Athena: {answer.reason}"

    def object_refused(self) -> str:
        return f"s3://{BUCKET}/{OBJECT}: {self.role.object_refusal(BUCKET, OBJECT)}"

    def ask(self) -> str:
        ends = self.now + timedelta(days=DAYS)
        item = {
            "target": {"kind": "table", "table": self._table},
            "columns": list(self.approved),
            "row_filter": self.consumer.row_rule,
            "data_product": PRODUCT,
        }
        body = {
            "recipient": {"kind": "principal", "principal": self.arn},
            "purpose": self.consumer.purpose,
            "expires_at": ends.isoformat(),
            "items": [item],
        }
        key = self.arn.rsplit("/", 1)[-1]
        asked = self.asker.post("access-requests", body, key)
        again = self.asker.post("access-requests", body, key)
        demand(again["id"] == asked["id"], "a double submit made a second request")
        self._request, self._item = asked["id"], asked["items"][0]["id"]
        return f"request {self._request} until {ends:%Y-%m-%d}: {', '.join(self.approved)}"

    def review(self) -> str:
        review = self.producer.get(f"reviews/{self._item}")
        effects = review["effects"]
        self._effects_hash = review["effects_hash"]
        self.link = effects["approved"]["link"]["name"]
        access = effects["approved"]["access"]
        shown = {*access["columns"]["include"], *self.keys}
        demand(access.get("row_rule", "") == self.consumer.row_rule, f"the effects show {access}")
        demand(shown == set(self.approved), f"the effects show {sorted(shown)}")
        hidden = set(effects["not_granted"])
        demand(hidden == set(self.every_column) - shown, f"left out: {sorted(hidden)}")
        text = text_of(self.producer.page(f"/reviews/{self._item}/"))
        told = (*self.approved, self.link, self.consumer.account, self.consumer.row_rule)
        missing = [word for word in told if word not in text]
        demand(not missing, f"the review page does not show {missing}")
        lines = len(effects["adds"]) + len(effects["already_there"])
        return f"{len(shown)} columns, {len(hidden)} left out, link {self.link}, {lines} lines of plan"

    def approve(self) -> str:
        said = {"outcome": "approve", "effects_hash": self._effects_hash}
        made = self.producer.post(f"reviews/{self._item}/decisions", said)
        self._grant = made["grant"]["id"]
        return f"grant {self._grant} on effects {self._effects_hash[:12]}"

    def applied(self) -> str:
        began = time.monotonic()
        grant = self._wait("the portal did not say usable", lambda one: one["usable"])
        seconds = time.monotonic() - began
        demand(grant["presence"] == "present", f"the portal says {grant['presence']}")
        self._columns_are(self.approved)
        demand(lake.link_of(self.cloud, self.consumer.account, self.link), f"there is no link {self.link}")
        self._oracle_says(self.approved)
        return f"usable after {seconds:.1f} s: columns in {GOVERNANCE}, link in {self.consumer.account}"

    def invited(self) -> str:
        account = self.consumer.account
        states = lake.invitations(self.cloud, account)
        new = [state for arn, state in states.items() if arn not in self._invited_before]
        shares = lake.active_shares(self.cloud, account)
        demand(shares, "no share of the governance account is active")
        if not new:
            return f"none was needed: share {shares[0]} had been accepted for a grant that still lives"
        demand(new == ["ACCEPTED"], f"the new invitation is {new}")
        demand(ACCEPTED_WORDS in self._story(), "the request's timeline does not tell of it")
        return f"new invitation ACCEPTED, share {shares[0]} ACTIVE, told in the timeline"

    def reads(self) -> str:
        answer = self._select("*", self.link, "LIMIT 2")
        demand(answer.state == "SUCCEEDED", f"Athena: {answer.reason}")
        demand(set(answer.columns) == set(self.approved), f"columns {answer.columns}")
        demand(len(answer.rows) == 2, f"{len(answer.rows)} rows")  # noqa: PLR2004 - LIMIT 2
        rows = " | ".join(", ".join(str(value) for value in row) for row in answer.rows)
        return f"{', '.join(answer.columns)}: {rows}"

    def reads_own_rows(self) -> str:
        """The rule as AWS holds it, and the regions that the role sees by it."""
        rules = lake.row_rules(self.cloud, self.arn, DATABASE, TABLE)
        demand(rules == {self.consumer.row_rule}, f"AWS holds the rules {sorted(rules)}")
        answer = self._select("region, count(*) AS lives", self.link, "GROUP BY region")
        regions = [row[0] for row in answer.rows]
        demand(regions == [self.consumer.region], f"rows of {regions} {answer.reason}")
        return f"{answer.rows[0][1]} rows of {self.consumer.region}, none of another region"

    def use_shows(self) -> str:
        """AWS takes minutes to deliver its files; here they come when they are asked for."""
        self.cloud.control("trail", {})
        grant = self._wait("no use was told", lambda one: one["last_used"]["used_at"])
        told = grant["last_used"]["used_at"]
        return f"last used {told}, read from the files of the trail in {GOVERNANCE}"

    def others_are_hidden(self) -> str:
        others = [name for name in self.every_column if name not in self.approved]
        reasons = {}
        for name in others:
            answer = self._select(name, self.link, "LIMIT 1")
            demand(answer.is_refused, f"{name} could be read")
            reasons[name] = answer.reason
        return f"{len(others)} columns; {SENSITIVE}: {reasons[SENSITIVE]}"

    def mended(self) -> str:
        known = self._story().count(DRIFT_WORDS)
        removed = lake.revoke_select(self.cloud, self.arn, DATABASE, TABLE)
        began = time.monotonic()
        seen = self._select("*", self.link, "LIMIT 1")
        wait_for(
            lambda: self._story().count(DRIFT_WORDS) > known, DRIFT_SECONDS, "the removal was not found", 0.25
        )
        found = time.monotonic() - began
        self._wait("it was not mended", lambda one: one["usable"])
        mended = time.monotonic() - began
        self._columns_are(self.approved)
        answer = self._select("*", self.link, "LIMIT 1")
        demand(
            set(answer.columns) == set(self.approved),
            f"after mending, Athena: {answer.reason or answer.columns}",
        )
        meanwhile = "refused" if seen.is_refused else "mended before the role could ask"
        return f"{removed} removed ({meanwhile}); found after {found:.1f} s, mended after {mended:.1f} s"

    def revoked(self) -> str:
        revoke(self.producer, self._grant, "The verdict has seen enough.")
        began = time.monotonic()
        grant = self._wait("the portal did not say absent", is_absent)
        seconds = time.monotonic() - began
        held = lake.selected_columns(self.cloud, self.arn, DATABASE, TABLE)
        demand(not held, f"the portal says absent, AWS still holds {held}")
        demand(
            moment(grant["observed_at"]) > moment(grant["ended_at"]),
            "absent without a new reading",
        )
        return f"absent after {seconds:.1f} s, read back at {grant['observed_at']}"

    def refused_again(self) -> str:
        answer = self._select("*", self.link, "LIMIT 1")
        demand(answer.is_refused, f"the role still reads {answer.columns}")
        self._oracle_says(None)
        return f"Athena: {answer.reason}"

    def _select(self, columns: str, database: str, rest: str = "") -> QueryAnswer:
        sql = f'SELECT {columns} FROM "{database}"."{TABLE}" {rest}'  # noqa: S608 - names of the seed's own
        return self.role.query(sql.strip())

    def _wait(self, otherwise: str, is_so: Callable[[dict[str, Any]], Any]) -> dict[str, Any]:
        """The grant as the asker sees it, once `is_so`."""
        grant: dict[str, Any] = {}

        def look() -> bool:
            grant.update(self.asker.get(f"grants/{self._grant}"))
            return bool(is_so(grant))

        try:
            wait_for(look, APPLY_SECONDS, otherwise)
        except UnmetError as error:
            raise UnmetError(f"{error}; it says {grant['sentence']!r}") from error
        return grant

    def _columns_are(self, wanted: tuple[str, ...]) -> None:
        held = lake.selected_columns(self.cloud, self.arn, DATABASE, TABLE)
        demand(held == set(wanted) - self.keys, f"AWS holds SELECT on {sorted(held)}")

    def _oracle_says(self, columns: tuple[str, ...] | None) -> None:
        """The oracle agrees, column by column, with what was seen; None for nothing at all."""
        for name in self.every_column:
            allowed, why = self.cloud.oracle(self.arn, DATABASE, TABLE, name)
            demand(allowed == (name in (columns or ())), f"the oracle says {allowed} for {name}: {why}")

    def _story(self) -> str:
        return text_of(self.asker.page(f"/access-requests/{self._request}/"))


def text_of(page: str) -> str:
    """What a reader sees of a page, tags apart."""
    return html.unescape(re.sub(r"<[^>]*>", " ", page))


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
