"""Problems, questions and followers of a product, for its page and its tables' pages."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F

from catalog.mirror.models import Table
from catalog.problems import list_open_table_problems, list_product_problems
from catalog.products.models import DataProduct
from catalog.questions import Question, list_product_questions
from identity.people.models import Person
from portal.problems.presenters import ProblemRow, build_problem_rows
from portal.questions.views import QuestionForm

MAX_PROBLEMS, MAX_RESOLVED, MAX_QUESTIONS = 100, 3, 2


@dataclass(frozen=True)
class Discussion:
    """The newest questions, and the problems that are open or were resolved last."""

    questions: Sequence[Question]
    question_count: int
    problems: Sequence[ProblemRow]
    form: QuestionForm

    @property
    def open_count(self) -> int:
        return sum(row.problem.is_open for row in self.problems)


def list_shown_problems(product: DataProduct, now: datetime) -> list[ProblemRow]:
    """The open ones, then the last that were resolved. One query."""
    problems = list_product_problems(product)
    open_first = problems.order_by(F("resolved_at").desc(nulls_first=True), "-reported_at", "-pk")
    rows = build_problem_rows(open_first[: MAX_PROBLEMS + MAX_RESOLVED], now)
    shown = [row for row in rows if row.problem.is_open]
    return [*shown, *[row for row in rows if not row.problem.is_open][:MAX_RESOLVED]]


def build_discussion(person: Person, product: DataProduct, problems: Sequence[ProblemRow]) -> Discussion:
    """Two queries or three."""
    questions = list(list_product_questions(person, product)[: MAX_QUESTIONS + 1])
    has_more = len(questions) > MAX_QUESTIONS
    return Discussion(
        questions=questions[:MAX_QUESTIONS],
        question_count=Question.objects.filter(product=product).count() if has_more else len(questions),
        problems=problems,
        form=QuestionForm(),
    )


def build_table_problems(table: Table, products: Sequence[DataProduct], now: datetime) -> list[ProblemRow]:
    """The open ones, of the products that the person sees."""
    return build_problem_rows(list_open_table_problems(table, products)[:MAX_PROBLEMS], now)
