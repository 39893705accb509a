"""Problems, questions and followers of a product, for its page and its tables' pages."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F

from catalog.follows import Follow, get_following
from catalog.mirror.models import Table
from catalog.problems import (
    OPEN_PROBLEM_STATES,
    list_open_table_problems,
    list_product_problems,
    may_report_problem,
)
from catalog.products.models import DataProduct
from catalog.questions import Question, list_product_questions
from catalog.release_notes import may_write_release_note
from identity.people.models import Person
from portal.problems.presenters import ProblemRow, build_problem_rows
from portal.questions.forms import QuestionForm

MAX_PROBLEMS, MAX_RESOLVED, MAX_QUESTIONS = 10, 3, 5


@dataclass(frozen=True)
class Discussion:
    """The newest of each, resolved ones by when they were resolved; `question_count` and `open_count` are of all."""

    questions: Sequence[Question]
    question_count: int
    open_problems: Sequence[ProblemRow]
    open_count: int
    resolved_problems: Sequence[ProblemRow]
    form: QuestionForm

    @property
    def problems(self) -> list[ProblemRow]:
        return [*self.open_problems, *self.resolved_problems]


def build_discussion_context(person: Person, product: DataProduct, now: datetime) -> dict[str, Any]:
    """`discussion`, `following`, and what the person may do. Five queries or six."""
    return {
        "discussion": build_discussion(person, product, now),
        "following": get_following(person, Follow.objects.filter(product=product)),
        "may_report": bool(may_report_problem(person, product)),
        "may_write_release_note": bool(may_write_release_note(person, product)),
    }


def build_discussion(person: Person, product: DataProduct, now: datetime) -> Discussion:
    problems = list_product_problems(product)
    questions = list(list_product_questions(person, product)[: MAX_QUESTIONS + 1])
    has_more = len(questions) > MAX_QUESTIONS
    open_first = problems.order_by(F("resolved_at").desc(nulls_first=True), "-reported_at", "-pk")
    rows = build_problem_rows(open_first[: MAX_PROBLEMS + MAX_RESOLVED], now)
    shown = [row for row in rows if row.problem.is_open][:MAX_PROBLEMS]
    open_ones = problems.filter(state__in=OPEN_PROBLEM_STATES)
    return Discussion(
        questions=questions[:MAX_QUESTIONS],
        question_count=Question.objects.filter(product=product).count() if has_more else len(questions),
        open_problems=shown,
        open_count=len(shown) if len(shown) < MAX_PROBLEMS else open_ones.count(),
        resolved_problems=[row for row in rows if not row.problem.is_open][:MAX_RESOLVED],
        form=QuestionForm(),
    )


def build_table_problems(table: Table, products: Sequence[DataProduct], now: datetime) -> list[ProblemRow]:
    """The open ones, of the products that the person sees."""
    return build_problem_rows(list_open_table_problems(table, products)[:MAX_PROBLEMS], now)
