"""Makes calls as each caller, judges the answers by the document, and keeps what they show."""

import json
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tools.fuzz.callers import TOKEN, create_caller
from tools.fuzz.known_values import KnownValues
from tools.fuzz.report import Finding, FuzzReport

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
FIELDS = "fields"


class Calls:
    def __init__(self, report: FuzzReport, callers: Sequence[str], paths: Sequence[str]) -> None:
        self.report = report
        self.callers = {name: create_caller(name) for name in callers}
        self.credentials = {name: caller.begin().to_arguments() for name, caller in self.callers.items()}
        self.everything = KnownValues(paths)
        """What any caller's answers showed, and rows that have no address."""
        self.everything.collect_rows()
        self.known = {name: KnownValues(paths, self.everything) for name in callers}

    def make(self, case: Any, caller: str, *, is_client: bool = False) -> Any:
        """The answer."""
        arguments = self.credentials[caller]
        answer = case.call(**arguments)
        if answer.status_code == HTTPStatus.UNAUTHORIZED and caller != TOKEN:
            self.credentials[caller] = self.callers[caller].begin().to_arguments()
        self.report.count(case.operation.label, answer.status_code, _read_code(answer), is_client=is_client)
        if answer.status_code < HTTPStatus.MULTIPLE_CHOICES:
            self.known[caller].collect_body(answer.content)
            self.everything.collect_body(answer.content)
        self._judge(case, caller, answer, arguments)
        return answer

    def _judge(self, case: Any, caller: str, answer: Any, arguments: dict[str, Any]) -> None:
        picks = isinstance(case.query, dict) and FIELDS in case.query and answer.status_code == HTTPStatus.OK
        checks = [check for check in CHECKS if not (picks and check is response_schema_conformance)]
        try:
            case.validate_response(answer, checks=checks, headers=arguments["headers"])
        except FailureGroup as group:
            for failure in group.exceptions:
                self.report.add(
                    Finding(
                        case.operation.label,
                        caller,
                        type(failure).__name__,
                        f"{answer.status_code} {failure}"[:600],
                        case.as_curl_command(headers={**arguments["headers"], **_write_cookies(arguments)}),
                    )
                )


def _write_cookies(arguments: dict[str, Any]) -> dict[str, str]:
    cookies = "; ".join(f"{name}={value}" for name, value in arguments["cookies"].items())
    return {"Cookie": cookies} if cookies else {}


def _read_code(answer: Any) -> str:
    """The `code` of a problem, and the place and code of its first error; empty for other answers."""
    if answer.status_code < HTTPStatus.BAD_REQUEST:
        return ""
    try:
        problem = json.loads(answer.content)
        first: dict[str, str] = next(iter(problem["errors"]), {})
        place = first.get("pointer") or first.get("parameter") or first.get("header") or ""
        return " ".join(filter(None, (problem["code"], place, first.get("code"))))[:80]
    except (ValueError, KeyError, TypeError):
        return ""
