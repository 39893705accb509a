"""Problems as pages show them: how far they are, and how their answer compares with the promise."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from catalog.problems import (
    AnswerStatus,
    Problem,
    ProblemState,
    get_answer_status,
    may_acknowledge_problem,
    may_resolve_problem,
)
from identity.people.models import Person
from kernel.durations import format_duration
from requests_app.display_states.vocabulary import CHECK_MARK_APPEARANCES, CheckMark, DisplayState
from requests_app.display_states.work_states import PROBLEM_STATES


@dataclass(frozen=True)
class ProblemRow:
    """`answer` says when it was answered, or is to be, beside what is promised."""

    problem: Problem
    answer_status: AnswerStatus
    answer: str

    @property
    def display_state(self) -> DisplayState:
        return PROBLEM_STATES[self.problem.state]

    @property
    def is_overdue(self) -> bool:
        return self.answer_status == AnswerStatus.OVERDUE


@dataclass(frozen=True)
class ProblemStep:
    """What happened, for `components/timeline.html`."""

    at: datetime
    text: str
    detail: str
    mark: CheckMark
    state: None = None
    is_upcoming: bool = False

    @property
    def tone(self) -> str:
        return CHECK_MARK_APPEARANCES[self.mark].tone

    @property
    def icon(self) -> str:
        return CHECK_MARK_APPEARANCES[self.mark].icon


@dataclass(frozen=True)
class ProblemDetails:
    row: ProblemRow
    timeline: tuple[ProblemStep, ...]
    may_acknowledge: bool
    may_resolve: bool


def build_problem_rows(problems: Iterable[Problem], now: datetime) -> list[ProblemRow]:
    return [build_problem_row(problem, now) for problem in problems]


def build_problem_row(problem: Problem, now: datetime) -> ProblemRow:
    status = get_answer_status(problem, now)
    return ProblemRow(problem, status, _describe_answer(problem, status))


def build_problem_details(person: Person, problem: Problem, now: datetime) -> ProblemDetails:
    return ProblemDetails(
        row=build_problem_row(problem, now),
        timeline=tuple(_list_steps(problem)),
        may_acknowledge=problem.state == ProblemState.OPEN and bool(may_acknowledge_problem(person, problem)),
        may_resolve=problem.is_open and bool(may_resolve_problem(person, problem)),
    )


def _describe_answer(problem: Problem, status: AnswerStatus) -> str:
    due_at = problem.answer_due_at
    promised = format_duration(due_at - problem.reported_at if due_at else timedelta()) if due_at else ""
    answered_at = problem.answered_at
    if answered_at is not None:
        words = {"wait": format_duration(answered_at - problem.reported_at), "promised": promised}
        if status == AnswerStatus.NOT_PROMISED:
            return _("Answered after %(wait)s.") % words
        return _("Answered after %(wait)s; promised within %(promised)s.") % words
    if problem.answer_due_at is None:
        return _("Not answered yet.")
    due = {"time": date_format(localtime(problem.answer_due_at), _("j M, H:i")), "promised": promised}
    if status == AnswerStatus.OVERDUE:
        return _("Not answered yet: overdue since %(time)s, promised within %(promised)s.") % due
    return _("Not answered yet: due by %(time)s, promised within %(promised)s.") % due


def _list_steps(problem: Problem) -> Iterator[ProblemStep]:
    reported = _("%(name)s reported it") % {"name": problem.reported_by.name}
    yield ProblemStep(problem.reported_at, reported, "", CheckMark.ATTENTION)
    if problem.acknowledged_by and problem.acknowledged_at:
        words = {"name": problem.acknowledged_by.name}
        text = _("%(name)s is working on it") % words
        if problem.expected_on:
            words["day"] = date_format(problem.expected_on, _("j M Y"))
            text = _("%(name)s is working on it, expected to be resolved on %(day)s") % words
        yield ProblemStep(problem.acknowledged_at, text, problem.acknowledgement, CheckMark.WORKING)
    if problem.resolved_by and problem.resolved_at:
        resolved = _("%(name)s resolved it") % {"name": problem.resolved_by.name}
        yield ProblemStep(problem.resolved_at, resolved, problem.resolution, CheckMark.YES)
