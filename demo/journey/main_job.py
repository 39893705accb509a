"""The verdict's steps for one consumer. Each public method is a step."""

import html
import re
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from demo.bank.accounts import GOVERNANCE
from demo.embedded.waits import NotSeenError, wait_for_change
from demo.journey import aws_state
from demo.journey.cloud import Cloud, QueryResult, RoleSession
from demo.journey.steps import StepSequence, require
from demo.journey.verdict_roles import (
    BUCKET,
    DATABASE,
    OBJECT_KEY,
    PRODUCT,
    PRODUCT_NAME,
    SENSITIVE_COLUMN,
    TABLE,
    Consumer,
    SignedInPeople,
    is_absent,
    revoke_grant,
)
from fulfilment.timeline import ACTION_TEXTS, CHANGED_OUTSIDE_TEXT

DAYS = 30
ACCEPTED_TEXT = ACTION_TEXTS["accept"][0]


class MainJob:
    """One consumer's way from *refused* to *proven* and back, as its persons and its role go it.

    `now` is the portal's time.
    """

    def __init__(
        self, consumer: Consumer, arn: str, people: SignedInPeople, cloud: Cloud, now: datetime
    ) -> None:
        self.consumer = consumer
        self.arn = arn
        self.cloud = cloud
        self.now = now
        self.requester = people.consumers[consumer.name]
        self.producer = people.producer
        self.approved_columns: tuple[str, ...] = ()
        self.partition_keys: frozenset[str] = frozenset()
        self.all_columns: tuple[str, ...] = ()
        self.link = ""
        self._table = self._request = self._item = self._grant = ""
        self._effects_hash = ""
        self._invited_before: set[str] = set()
        self._role: RoleSession | None = None

    def run(self, sequence: StepSequence) -> None:
        """All steps in order; the end is tried even when a step in between has failed."""
        for name, action in self._steps():
            sequence.run_step(name, action)

    def _steps(self) -> list[tuple[str, Callable[[], str]]]:
        invited = [("an invitation was accepted on the way", self.check_invitation)]
        own = [(f"it reads only the rows where {self.consumer.row_filter}", self.check_rows)]
        return [
            ("search finds Life Expectancy", self.search),
            ("its role is refused the table", self.check_table_refused),
            ("its role is refused the object in S3", self.check_object_refused),
            (f"requests {len(self.consumer.columns) + 1} columns for {DAYS} days", self.submit_request),
            ("the producer sees the exact effects and the plan", self.check_review),
            ("the producer approves", self.approve),
            ("workers apply it in both accounts and read it back", self.check_applied),
            *(invited if self.consumer.is_outside else []),
            ("its role reads exactly the approved columns", self.check_approved_columns),
            *(own if self.consumer.region else []),
            ("its use shows, as CloudTrail tells of it", self.check_last_use),
            ("the other columns do not exist for it", self.check_other_columns),
            ("a permission removed outside the portal is found and repaired", self.check_repair),
            ("the producer revokes; absent only when read back", self.check_revocation),
            ("its role is refused again", self.check_refused_again),
        ]

    @property
    def role(self) -> RoleSession:
        if self._role is None:
            self._role = self.cloud.assume(self.arn)
        return self._role

    def search(self) -> str:
        found = self.requester.get("search", q=self.consumer.search)
        places = [hit["id"] for hit in found["results"]]
        require(PRODUCT in places, f"{self.consumer.search!r} found {places}")
        tables = self.requester.get(f"data-products/{PRODUCT}")["tables"]
        table = next(one for one in tables if one["name"] == TABLE)
        self._table = table["id"]
        self.all_columns = tuple(column["name"] for column in table["columns"])
        self.partition_keys = frozenset(c["name"] for c in table["columns"] if c["is_partition_key"])
        wanted = {*self.consumer.columns, *self.partition_keys}
        self.approved_columns = tuple(name for name in self.all_columns if name in wanted)
        classes = {c["name"]: c["classification"] for c in table["columns"]}
        require(
            classes.get(SENSITIVE_COLUMN) == "sensitive",
            f"{SENSITIVE_COLUMN} is {classes.get(SENSITIVE_COLUMN)!r}",
        )
        place = places.index(PRODUCT) + 1
        return f"{self.consumer.search!r}: {PRODUCT_NAME} is hit {place} of {found['total_count']}; {len(classes)} columns"

    def check_table_refused(self) -> str:
        database = aws_state.find_database_link(self.cloud, self.consumer.account) or DATABASE
        answer = self._select("*", database)
        require(answer.is_refused, f"the role could read {len(answer.rows)} rows")
        self._check_oracle(None)
        self._invited_before = set(aws_state.list_invitations(self.cloud, self.consumer.account))
        return f"Athena: {answer.reason}"

    def check_object_refused(self) -> str:
        return f"s3://{BUCKET}/{OBJECT_KEY}: {self.role.get_object_refusal(BUCKET, OBJECT_KEY)}"

    def submit_request(self) -> str:
        ends = self.now + timedelta(days=DAYS)
        item = {
            "target": {"kind": "table", "table": self._table},
            "columns": list(self.approved_columns),
            "row_filter": self.consumer.row_filter,
            "data_product": PRODUCT,
        }
        body = {
            "recipient": {"kind": "principal", "principal": self.arn},
            "purpose": self.consumer.purpose,
            "expires_at": ends.isoformat(),
            "items": [item],
        }
        key = self.arn.rsplit("/", 1)[-1]
        asked = self.requester.post("access-requests", body, key)
        again = self.requester.post("access-requests", body, key)
        require(again["id"] == asked["id"], "a double submit made a second request")
        self._request, self._item = asked["id"], asked["items"][0]["id"]
        return f"request {self._request} until {ends:%Y-%m-%d}: {', '.join(self.approved_columns)}"

    def check_review(self) -> str:
        review = self.producer.get(f"reviews/{self._item}")
        effects = review["effects"]
        self._effects_hash = review["effects_hash"]
        self.link = effects["approved"]["link"]["name"]
        access = effects["approved"]["access"]
        shown = {*access["columns"]["include"], *self.partition_keys}
        require(access.get("row_filter", "") == self.consumer.row_filter, f"the effects show {access}")
        require(shown == set(self.approved_columns), f"the effects show {sorted(shown)}")
        hidden = set(effects["not_granted"])
        require(hidden == set(self.all_columns) - shown, f"left out: {sorted(hidden)}")
        text = extract_text(self.producer.get_page(f"/reviews/{self._item}/"))
        told = (*self.approved_columns, self.link, self.consumer.account, self.consumer.row_filter)
        missing = [word for word in told if word not in text]
        require(not missing, f"the review page does not show {missing}")
        lines = len(effects["adds"]) + len(effects["already_there"])
        return f"{len(shown)} columns, {len(hidden)} left out, link {self.link}, {lines} lines of plan"

    def approve(self) -> str:
        said = {"outcome": "approve", "effects_hash": self._effects_hash}
        made = self.producer.post(f"reviews/{self._item}/decisions", said)
        self._grant = made["grant"]["id"]
        return f"grant {self._grant} on effects {self._effects_hash[:12]}"

    def check_applied(self) -> str:
        began = time.monotonic()
        grant = self._wait_for_grant("the portal did not say usable", lambda one: one["usable"])
        seconds = time.monotonic() - began
        require(grant["presence"] == "present", f"the portal says {grant['presence']}")
        self._check_columns(self.approved_columns)
        require(
            aws_state.find_database_link(self.cloud, self.consumer.account, self.link),
            f"there is no link {self.link}",
        )
        self._check_oracle(self.approved_columns)
        return f"usable after {seconds:.1f} s: columns in {GOVERNANCE}, link in {self.consumer.account}"

    def check_invitation(self) -> str:
        account = self.consumer.account
        states = aws_state.list_invitations(self.cloud, account)
        new = [state for arn, state in states.items() if arn not in self._invited_before]
        shares = aws_state.list_active_shares(self.cloud, account)
        require(shares, "no share of the governance account is active")
        if not new:
            return f"none was needed: share {shares[0]} had been accepted for a grant that still lives"
        require(new == ["ACCEPTED"], f"the new invitation is {new}")
        require(ACCEPTED_TEXT in self._read_timeline(), "the request's timeline does not tell of it")
        return f"new invitation ACCEPTED, share {shares[0]} ACTIVE, told in the timeline"

    def check_approved_columns(self) -> str:
        answer = self._select("*", self.link, "LIMIT 2")
        require(answer.state == "SUCCEEDED", f"Athena: {answer.reason}")
        require(set(answer.columns) == set(self.approved_columns), f"columns {answer.columns}")
        require(len(answer.rows) == 2, f"{len(answer.rows)} rows")  # noqa: PLR2004 - LIMIT 2
        rows = " | ".join(", ".join(str(value) for value in row) for row in answer.rows)
        return f"{', '.join(answer.columns)}: {rows}"

    def check_rows(self) -> str:
        """The row filter as AWS holds it, and the regions that the role sees by it."""
        rules = aws_state.list_row_filters(self.cloud, self.arn, DATABASE, TABLE)
        require(rules == {self.consumer.row_filter}, f"AWS holds the rules {sorted(rules)}")
        answer = self._select("region, count(*) AS lives", self.link, "GROUP BY region")
        regions = [row[0] for row in answer.rows]
        require(regions == [self.consumer.region], f"rows of {regions} {answer.reason}")
        return f"{answer.rows[0][1]} rows of {self.consumer.region}, none of another region"

    def check_last_use(self) -> str:
        """AWS takes minutes to deliver its files; here they come when they are asked for."""
        self.cloud.control("trail", {})
        grant = self._wait_for_grant("no use was told", lambda one: one["last_used"]["used_at"])
        told = grant["last_used"]["used_at"]
        return f"last used {told}, read from the files of the trail in {GOVERNANCE}"

    def check_other_columns(self) -> str:
        others = [name for name in self.all_columns if name not in self.approved_columns]
        reasons = {}
        for name in others:
            answer = self._select(name, self.link, "LIMIT 1")
            require(answer.is_refused, f"{name} could be read")
            reasons[name] = answer.reason
        return f"{len(others)} columns; {SENSITIVE_COLUMN}: {reasons[SENSITIVE_COLUMN]}"

    def check_repair(self) -> str:
        known = self._read_timeline().count(CHANGED_OUTSIDE_TEXT)
        removed = aws_state.revoke_select(self.cloud, self.arn, DATABASE, TABLE)
        began = time.monotonic()
        seen = self._select("*", self.link, "LIMIT 1")
        wait_for_change(
            lambda: self._read_timeline().count(CHANGED_OUTSIDE_TEXT),
            lambda count: count > known,
            "the removal was not found",
            pause=0.25,
        )
        found = time.monotonic() - began
        self._wait_for_grant("it was not mended", lambda one: one["usable"])
        mended = time.monotonic() - began
        self._check_columns(self.approved_columns)
        answer = self._select("*", self.link, "LIMIT 1")
        require(
            set(answer.columns) == set(self.approved_columns),
            f"after mending, Athena: {answer.reason or answer.columns}",
        )
        meanwhile = "refused" if seen.is_refused else "mended before the role could ask"
        return f"{removed} removed ({meanwhile}); found after {found:.1f} s, mended after {mended:.1f} s"

    def check_revocation(self) -> str:
        revoke_grant(self.producer, self._grant, "The verdict has seen enough.")
        began = time.monotonic()
        grant = self._wait_for_grant("the portal did not say absent", is_absent)
        seconds = time.monotonic() - began
        held = aws_state.list_selected_columns(self.cloud, self.arn, DATABASE, TABLE)
        require(not held, f"the portal says absent, AWS still holds {held}")
        require(
            parse_time(grant["observed_at"]) > parse_time(grant["ended_at"]),
            "absent without a new reading",
        )
        return f"absent after {seconds:.1f} s, read back at {grant['observed_at']}"

    def check_refused_again(self) -> str:
        answer = self._select("*", self.link, "LIMIT 1")
        require(answer.is_refused, f"the role still reads {answer.columns}")
        self._check_oracle(None)
        return f"Athena: {answer.reason}"

    def _select(self, columns: str, database: str, rest: str = "") -> QueryResult:
        sql = f'SELECT {columns} FROM "{database}"."{TABLE}" {rest}'  # noqa: S608 - names of the seed's own
        return self.role.query(sql.strip())

    def _wait_for_grant(self, otherwise: str, is_so: Callable[[dict[str, Any]], Any]) -> dict[str, Any]:
        """The grant as the requester sees it, once `is_so`."""
        grant: dict[str, Any] = {}

        def look() -> dict[str, Any]:
            grant.update(self.requester.get(f"grants/{self._grant}"))
            return grant

        try:
            return wait_for_change(
                look,
                is_so,
                otherwise,
                describe=lambda seen: (seen["state"], seen["presence"], seen["usable"]),
            )
        except NotSeenError as error:
            raise NotSeenError(f"{error}; it says {grant['sentence']!r}") from error

    def _check_columns(self, wanted: tuple[str, ...]) -> None:
        held = aws_state.list_selected_columns(self.cloud, self.arn, DATABASE, TABLE)
        require(held == set(wanted) - self.partition_keys, f"AWS holds SELECT on {sorted(held)}")

    def _check_oracle(self, columns: tuple[str, ...] | None) -> None:
        """The oracle agrees, column by column, with what was seen; None for nothing at all."""
        for name in self.all_columns:
            allowed, why = self.cloud.oracle(self.arn, DATABASE, TABLE, name)
            require(allowed == (name in (columns or ())), f"the oracle says {allowed} for {name}: {why}")

    def _read_timeline(self) -> str:
        return extract_text(self.requester.get_page(f"/access-requests/{self._request}/"))


def extract_text(page: str) -> str:
    """What a reader sees of a page, tags apart."""
    return html.unescape(re.sub(r"<[^>]*>", " ", page))


def parse_time(text: str) -> datetime:
    return datetime.fromisoformat(text)
