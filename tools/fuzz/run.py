"""Draws calls of each operation from the OpenAPI document and makes them in this process, over WSGI."""

import logging
import random
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import schemathesis
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.test.utils import override_settings
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, Phase, Verbosity, given, seed
from hypothesis import settings as hypothesis_settings
from hypothesis.errors import Unsatisfiable
from schemathesis.checks import not_a_server_error
from schemathesis.core.errors import SchemathesisError
from schemathesis.core.failures import FailureGroup
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tools.fuzz.callers import TOKEN, create_caller
from tools.fuzz.hostile import make_hostile
from tools.fuzz.hypothesis_adapter import adapt_hypothesis
from tools.fuzz.ids import KnownIds
from tools.fuzz.report import Finding, FuzzReport

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
FIELDS = "fields"
KNOWN_ID_SHARE, HOSTILE_SHARE = 0.8, 0.3
PROGRESS_SECONDS = 10.0
RATES = "DEFAULT_THROTTLE_RATES"
REST_SETTINGS: dict[str, Any] = settings.REST_FRAMEWORK
UNLIMITED = dict.fromkeys(REST_SETTINGS[RATES])


@dataclass(frozen=True)
class FuzzOptions:
    """It ends after `examples` of each operation and caller, or once `seconds` have passed."""

    seed: int
    examples: int
    callers: Sequence[str]
    seconds: float | None = None


class ApiFuzzer:
    def __init__(self, options: FuzzOptions, write_line: Callable[[str], None]) -> None:
        self.options, self.write_line = options, write_line
        self.report = FuzzReport(options.seed)
        self.ids = KnownIds()
        self.random = random.Random(options.seed)
        document = SchemaGenerator().get_schema(request=None, public=True)
        self.schema = schemathesis.openapi.from_dict(document)
        self.schema.app = WSGIHandler()
        found: Iterable[Any] = self.schema.get_all_operations()
        self.operations = [one.ok() for one in found]
        self.deadline = time.monotonic() + options.seconds if options.seconds else None
        self._told = time.monotonic()

    def run(self) -> FuzzReport:
        adapt_hypothesis()
        rates = {**REST_SETTINGS, RATES: UNLIMITED}
        logging.disable(logging.WARNING)
        with override_settings(REST_FRAMEWORK=rates, ALLOWED_HOSTS=["*"]):
            self.callers = {name: create_caller(name) for name in self.options.callers}
            self.credentials = {name: caller.begin().to_arguments() for name, caller in self.callers.items()}
            self._read_lists()
            number = 0
            while not self._is_over(number):
                self._call_operations(number)
                number += 1
        return self.report

    def _is_over(self, number: int) -> bool:
        return self._is_late() if self.deadline else number > 0

    def _is_late(self) -> bool:
        return self.deadline is not None and time.monotonic() > self.deadline

    def _read_lists(self) -> None:
        for operation in self.operations:
            if operation.method == "get" and "{" not in operation.path:
                for arguments in self.credentials.values():
                    self.ids.collect_body(operation.Case().call(**arguments).content)

    def _call_operations(self, number: int) -> None:
        for position, operation in enumerate(self.operations):
            self._tell(position)
            for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
                if self._is_late():
                    return
                self._call_operation(operation, mode, number)

    def _tell(self, position: int) -> None:
        if time.monotonic() - self._told > PROGRESS_SECONDS:
            self._told = time.monotonic()
            self.write_line(
                f"  {position} of {len(self.operations)} operations,"
                f" {self.report.calls} calls, {len(self.report.findings)} findings"
            )

    def _call_operation(self, operation: Any, mode: GenerationMode, number: int) -> None:
        @seed(f"{self.options.seed}-{number}-{operation.label}-{mode.value}")
        @hypothesis_settings(
            max_examples=self.options.examples,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
            verbosity=Verbosity.quiet,
        )
        @given(case=operation.as_strategy(generation_mode=mode))
        def call(case: Any) -> None:
            self._change(case)
            for caller in self.callers:
                self._call(case, caller)

        try:
            call()
        except (Unsatisfiable, SchemathesisError) as error:
            self.write_line(f"  {operation.label}: nothing {mode.value} can be drawn ({error})")

    def _change(self, case: Any) -> None:
        """Known ids in most calls, and in some a value of no schema."""
        for name, values in self.ids.get_choices(case.operation.path).items():
            if self.random.random() < KNOWN_ID_SHARE:
                case.path_parameters[name] = self.random.choice(values)
        if self.random.random() < HOSTILE_SHARE:
            make_hostile(case, self.random)

    def _call(self, case: Any, caller: str) -> None:
        arguments = self.credentials[caller]
        answer = case.call(**arguments)
        if answer.status_code == HTTPStatus.UNAUTHORIZED and caller != TOKEN:
            self.credentials[caller] = self.callers[caller].begin().to_arguments()
        self.report.calls += 1
        self.report.statuses[answer.status_code] += 1
        if case.operation.method == "post" and answer.status_code < HTTPStatus.MULTIPLE_CHOICES:
            self.ids.collect_body(answer.content)
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
                        case.as_curl_command(headers=arguments["headers"]),
                    )
                )
