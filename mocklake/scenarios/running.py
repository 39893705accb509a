"""Runs a scenario step by step at a place, and says where it went another way."""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode

from mocklake import partitions
from mocklake.scenarios import matching
from mocklake.scenarios.places import Call, Place, RefusedError, UnfitRequestError, Who
from mocklake.scenarios.scenario import MalformedError, Scenario, Step

REGION = "eu-central-1"
_UNDER_WAY = ("QUEUED", "RUNNING")
_PAUSE = 0.5
_PATIENCE = 120


class FailedError(Exception):
    """The text says which step and what it expected."""


@dataclass
class Run:
    """One scenario under way; `saved` are the values that steps kept by name."""

    scenario: Scenario
    place: Place
    saved: dict[str, Any] = field(default_factory=dict)

    def __call__(self) -> None:
        """Raises FailedError at the first step that goes another way, MalformedError for what cannot be done."""
        self.place.begin(self.scenario.seed)
        if self.scenario.manners:
            self.place.control("manners", dict(self.scenario.manners))
        if self.scenario.switches:
            self.place.control("switches", dict(self.scenario.switches))
        for step in self.scenario.steps:
            try:
                problems = list(self._problems(step))
            except (matching.UnknownWordError, UnfitRequestError, ValueError) as error:
                raise MalformedError(self.scenario.path, str(error), step.number) from error
            if problems:
                raise FailedError(f"step {step.number} ({_describe_step(step)}): {'; '.join(problems)}")

    def _problems(self, step: Step) -> Iterator[str]:
        wanted = self._filled(step.members.get("fails"))
        try:
            answer = self._answer(step)
        except RefusedError as error:
            yield from _list_refusal_problems(wanted, error)
            return
        if wanted is not None:
            yield f"it did not fail: {answer}"
            return
        yield from self._answer_problems(step, answer)
        for name, path in step.members.get("save", {}).items():
            self.saved[name] = matching.find_value(path, answer)
            if self.saved[name] is None:
                yield f"nothing to save at {path}: {answer}"

    def _answer_problems(self, step: Step, answer: Any) -> Iterator[str]:
        members = self._filled(dict(step.members))
        if "gives" in members:
            yield from matching.list_differences(members["gives"], answer)
        for path, value in members.get("finds", {}).items():
            yield from matching.list_differences(value, matching.find_value(path, answer), path)
        for path in members.get("lacks", []):
            got = matching.find_value(path, answer)
            if got not in (None, []):
                yield f"{path} is there: {got}"
        for name in ("columns", "rows"):
            if name in members:
                yield from matching.list_differences(members[name], answer[name], name)
        if step.kind == "oracle":
            yield from _list_verdict_problems(members, answer)

    def _answer(self, step: Step) -> Any:
        subject = self._filled(step.subject)
        if step.kind == "call":
            return self._called(step)
        if step.kind == "query":
            return ask(self.place.call, self._call(step, "athena", "", {}), subject, step.members)
        return self._control(step.kind, subject)

    def _control(self, kind: str, subject: Any) -> Any:
        if kind == "oracle":
            return self.place.control(f"oracle?{self._question(subject)}")
        if kind == "clock":
            offset = self.place.control("clock")["offset_seconds"]
            return self.place.control("clock", {"offset_seconds": offset + subject})
        if (kind, subject) == ("fault", "none"):
            return self.place.control("faults", method="DELETE")
        if kind == "fault":
            return self.place.control("faults", self._with_account(subject))
        if kind == "change":
            return self.place.control("change", {"region": REGION, **self._with_account(subject)})
        return self.place.control(kind, subject)

    def _called(self, step: Step) -> Any:
        parameters = self._filled(step.members.get("with", {}))
        call = self._call(step, step.service, step.operation, parameters)
        answer = self.place.call(call)
        if step.members.get("pages") != "all":
            return answer
        return _read_all_pages(self.place, call, answer)

    def _call(self, step: Step, service: str, operation: str, parameters: Mapping[str, Any]) -> Call:
        region = str(step.members.get("region", REGION))
        return Call(self._who(step.members["as"]), region, service, operation, parameters)

    def _who(self, said: Any) -> Who:
        meant = self._filled(said)
        if isinstance(meant, dict):
            return Who(keys=meant)
        account, _, role = str(meant).partition("/")
        return Who(matching.get_account_id(self.scenario.accounts, account), role)

    def _question(self, subject: Mapping[str, Any]) -> str:
        account, _, role = str(subject.get("principal", "")).partition("/")
        accounts = self.scenario.accounts
        owner, colon, path = str(subject.get("catalog", "")).partition(":")
        catalog = matching.get_account_id(accounts, owner) + colon + path
        region = str(subject.get("region", REGION))
        home = matching.get_account_id(accounts, account)
        principal = f"arn:{partitions.of_region(region)}:iam::{home}:role/{role}"
        asked = {"region": REGION, **subject, "principal": principal, "catalog": catalog}
        if "row" in asked:
            asked["row"] = json.dumps(asked["row"])
        return urlencode(asked)

    def _with_account(self, subject: Mapping[str, Any]) -> dict[str, Any]:
        """`account` may be the seed's name of it."""
        given = dict(subject)
        if "account" in given and not str(given["account"]).isdigit():
            given["account"] = matching.get_account_id(self.scenario.accounts, given["account"])
        return given

    def _filled(self, value: Any) -> Any:
        return matching.fill_words(value, self.scenario.accounts, self.saved)


def _read_all_pages(place: Place, call: Call, answer: dict[str, Any]) -> dict[str, Any]:
    """Lists of all pages one after the other, without a token."""
    whole = dict(answer)
    for token in ("NextToken", "nextToken"):
        while token in whole:
            parameters = {**call.parameters, token: whole.pop(token)}
            page = place.call(Call(call.who, call.region, call.service, call.operation, parameters))
            for name, value in page.items():
                whole[name] = whole[name] + value if isinstance(value, list) and name in whole else value
    return whole


def _list_refusal_problems(wanted: Any, error: RefusedError) -> Iterator[str]:
    if wanted is None:
        yield f"it was refused: {error}"
        return
    if wanted.get("code", error.code) != error.code:
        yield f"it was refused with {error}, not with {wanted['code']}"
    if wanted.get("message", "") not in error.message:
        yield f"it was refused with {error.message!r}, without {wanted['message']!r}"


def _list_verdict_problems(members: Mapping[str, Any], verdict: Mapping[str, Any]) -> Iterator[str]:
    said = "; ".join(verdict["reasons"])
    if verdict["allowed"] is not members["can"]:
        yield f"the oracle says {verdict['allowed']}: {said}"
    if members.get("because", "") not in said:
        yield f"the oracle's reason is {said!r}, without {members['because']!r}"


def _describe_step(step: Step) -> str:
    return str(step.subject) if step.kind == "call" else step.kind


def ask(send: Callable[[Call], Any], call: Call, sql: str, members: Mapping[str, Any]) -> dict[str, Any]:
    """`{"columns": […], "rows": [[…]]}`, all values as text or None; `call` says who and where.

    Rows of SHOW and DESCRIBE have no heading.

    Raises RefusedError, with the code FAILED and the reason for a query that did not succeed.
    """
    context = {"Database": members["database"]} if "database" in members else {}
    asked = {"QueryString": sql, "QueryExecutionContext": context, **members.get("with", {})}
    started = send(replace(call, operation="StartQueryExecution", parameters=asked))
    which = {"QueryExecutionId": started["QueryExecutionId"]}
    status = _wait_for_end(send, replace(call, operation="GetQueryExecution", parameters=which))
    if status["State"] != "SUCCEEDED":
        raise RefusedError(status["State"], status.get("StateChangeReason", ""))
    answer = send(replace(call, operation="GetQueryResults", parameters=which))["ResultSet"]
    columns = [one["Name"] for one in answer["ResultSetMetadata"]["ColumnInfo"]]
    rows = [[one.get("VarCharValue") for one in row["Data"]] for row in answer["Rows"]]
    return {"columns": columns, "rows": rows[1:] if rows[:1] == [columns] else rows}


def _wait_for_end(send: Callable[[Call], Any], call: Call) -> dict[str, Any]:
    until = time.monotonic() + _PATIENCE
    while True:
        status: dict[str, Any] = send(call)["QueryExecution"]["Status"]
        if status["State"] not in _UNDER_WAY or time.monotonic() > until:
            return status
        time.sleep(_PAUSE)
