"""Draws calls of each operation from the OpenAPI document and makes them in this process, over WSGI."""

import copy
import logging
import random
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from itertools import chain, cycle
from typing import Any

import schemathesis
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.test.utils import override_settings
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, Phase, Verbosity, given, seed
from hypothesis import settings as hypothesis_settings
from hypothesis.errors import Unsatisfiable
from hypothesis.internal.conjecture.utils import many
from schemathesis.core.errors import SchemathesisError
from schemathesis.generation import GenerationMode

from tools.fuzz.calls import Calls
from tools.fuzz.client import Client
from tools.fuzz.report import FuzzReport

KNOWN_ID_SHARE, HOSTILE_SHARE = 0.8, 0.3
PROGRESS_SECONDS = 10.0
SEGMENT = "^[A-Za-z0-9_-]{1,60}$"
BATCH = 5
"""Examples that are drawn at once when the time is what ends the run."""
RATES = "DEFAULT_THROTTLE_RATES"
REST_SETTINGS: dict[str, Any] = settings.REST_FRAMEWORK
UNLIMITED = dict.fromkeys(REST_SETTINGS[RATES])
VALUES: tuple[Any, ...] = (
    "\x00", "a\x00b", "\ud800", "\udfff", "9" * 400, 2**63, -(2**63) - 1, 10**400, 1e308, "", " ", "\u202e<b>",
    None, [], {}, [[]], True, "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "infinity", "%00", "x" * 3000,
)  # fmt: skip
TEXTS = (
    "\x00",
    "a\x00b",
    "9" * 400,
    "-1",
    "0",
    "",
    " ",
    "\u202e<b>",
    "ü",
    "%00",
    "x" * 3000,
    "null",
    "1e999",
    "NaN",
    "²",
)
STOP_SHARE = 0.3
"""How often a member is replaced that has members of its own."""
MORE = "more"
_END = object()
_iterations = "_adapted_iteration"


@contextmanager
def without_warnings() -> Iterator[None]:
    logging.disable(logging.WARNING)
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)


@dataclass(frozen=True)
class FuzzOptions:
    """It ends after `examples` of each operation, or once `seconds` have passed. `only` is a text that the operations' names
    contain.
    """

    seed: int
    examples: int
    callers: Sequence[str]
    seconds: float | None = None
    only: str = ""


class ApiFuzzer:
    """`run_workers` does what is due by then: it runs between two passes over the operations."""

    def __init__(
        self, options: FuzzOptions, write_line: Callable[[str], None], run_workers: Callable[[], None]
    ) -> None:
        self.options, self.write_line, self.run_workers = options, write_line, run_workers
        self.report = FuzzReport(options.seed)
        self.random = random.Random(options.seed)
        self.document = SchemaGenerator().get_schema(request=None, public=True)
        self.schema = schemathesis.openapi.from_dict(narrow_paths(self.document))
        self.schema.app = WSGIHandler()
        operations: Iterable[Any] = self.schema.get_all_operations()
        self.operations = [operation.ok() for operation in operations]
        self.called = [operation for operation in self.operations if options.only in operation.label]
        self.drawn: dict[str, list[Any]] = defaultdict(list)
        self.turns = cycle(options.callers)
        self.deadline = time.monotonic() + options.seconds if options.seconds else None
        self._told = time.monotonic()

    def run(self) -> FuzzReport:
        adapt_hypothesis()
        rates = {**REST_SETTINGS, RATES: UNLIMITED}
        with without_warnings(), override_settings(REST_FRAMEWORK=rates, ALLOWED_HOSTS=["*"]):
            self.calls = Calls(
                self.report, self.options.callers, [operation.path for operation in self.operations]
            )
            self.client = Client(self.calls, self.document, self.operations, self.random)
            self._read_lists()
            number = 0
            while not self._is_over(number):
                if number:
                    self.run_workers()
                self._call_operations(number)
                number += 1
        return self.report

    def _is_over(self, number: int) -> bool:
        return self._is_late() if self.deadline else number >= self.options.examples

    def _is_late(self) -> bool:
        return self.deadline is not None and time.monotonic() > self.deadline

    def _read_lists(self) -> None:
        for operation in self.operations:
            if operation.method == "get" and "{" not in operation.path:
                for caller in self.options.callers:
                    self.calls.make(operation.Case(), caller)

    def _call_operations(self, number: int) -> None:
        for position, operation in enumerate(self.called):
            self._tell(number, position)
            if self._is_late():
                return
            self._call_as_client(operation)
            self._call_drawn(operation, number)

    def _tell(self, number: int, position: int) -> None:
        if time.monotonic() - self._told > PROGRESS_SECONDS:
            self._told = time.monotonic()
            self.write_line(
                f"  Pass {number + 1}, {position} of {len(self.called)} operations:"
                f" {self.report.calls} calls, {len(self.report.findings)} findings"
            )

    def _call_as_client(self, operation: Any) -> None:
        """As each caller; what the first one makes is followed."""
        is_followed = False
        for caller in self.client.list_callers(operation):
            answer = self.client.call(operation, caller)
            if not is_followed and answer.status_code < HTTPStatus.MULTIPLE_CHOICES:
                is_followed = True
                self.client.follow(operation, answer, caller)

    def _call_drawn(self, operation: Any, number: int) -> None:
        """One valid and one invalid call, as one caller each."""
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            drawn = self.drawn[f"{operation.label} {mode.value}"]
            if not drawn:
                drawn += self._draw(operation, mode, number)
            if drawn:
                case = drawn.pop()
                if case is not None:
                    self._change(case)
                    self.calls.make(case, next(self.turns))

    def _draw(self, operation: Any, mode: GenerationMode, number: int) -> list[Any]:
        """Some cases; None where none can be drawn."""
        drawn: list[Any] = []
        count = BATCH if self.deadline else min(BATCH, self.options.examples - number)

        @seed(f"{self.options.seed}-{number}-{operation.label}-{mode.value}")
        @hypothesis_settings(
            max_examples=count,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
            verbosity=Verbosity.quiet,
        )
        @given(case=operation.as_strategy(generation_mode=mode))
        def keep(case: Any) -> None:
            drawn.append(case)

        try:
            keep()
        except (Unsatisfiable, SchemathesisError):
            return [None] * count
        return drawn

    def _change(self, case: Any) -> None:
        """Known ids in most calls, and in some a value of no schema."""
        if case.path_parameters and self.random.random() < KNOWN_ID_SHARE:
            case.path_parameters.update(
                self.calls.everything.choose_parameters(case.operation.path, self.random)
            )
        if self.random.random() < HOSTILE_SHARE:
            make_hostile(case, self.random)


def narrow_paths(document: dict[str, Any]) -> dict[str, Any]:
    """A copy in which texts in addresses have a pattern. Every text is valid without one, and where nothing in the address can
    be invalid, schemathesis gives up drawing an invalid call after hundreds of attempts, whatever the body is.
    """
    narrowed = copy.deepcopy(document)
    operations = (operation for path in narrowed["paths"].values() for operation in path.values())
    for parameter in chain.from_iterable(operation.get("parameters", ()) for operation in operations):
        if parameter["in"] == "path" and parameter["schema"] == {"type": "string"}:
            parameter["schema"] = {"type": "string", "pattern": SEGMENT}
    return narrowed


def make_hostile(case: Any, choices: random.Random) -> None:
    """Replaces one value of the call: in its body, query, path or headers."""
    places = []
    if isinstance(case.body, dict) and case.body:
        places.append(_change_body)
    if isinstance(case.query, dict) and case.operation.query:
        places.append(_change_query)
    if case.path_parameters:
        places.append(_change_path)
    if places:
        choices.choice(places)(case, choices)


def _change_body(case: Any, choices: random.Random) -> None:
    """One member, however deep."""
    at: Any = case.body
    while True:
        key = choices.choice(list(at) if isinstance(at, dict) else range(len(at)))
        inner = at[key]
        if not isinstance(inner, dict | list) or not inner or choices.random() < STOP_SHARE:
            at[key] = choices.choice(VALUES)
            return
        at = inner


def _change_query(case: Any, choices: random.Random) -> None:
    name = choices.choice([parameter.name for parameter in case.operation.query])
    case.query[name] = choices.choice(TEXTS)


def _change_path(case: Any, choices: random.Random) -> None:
    name = choices.choice(list(case.path_parameters))
    case.path_parameters[name] = choices.choice([text for text in TEXTS if text.strip()])


def _more(elements: Any) -> bool:
    """Whether another element is to be drawn."""
    if not hasattr(elements, _iterations):
        elements.__enter__()
        setattr(elements, _iterations, iter(elements))
    return next(getattr(elements, _iterations), _END) is not _END


def adapt_hypothesis() -> None:
    if not hasattr(many, MORE):
        setattr(many, MORE, _more)
