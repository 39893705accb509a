"""What the database refuses by itself, and reports and answers in the same moment."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction

from audit.models import Event
from catalog.follows import Follow, follow_product
from catalog.problems import Problem
from catalog.questions import Answer, Question, SameQuestion, join_question
from kernel import clock
from kernel.errors import IllegalTransitionError, RefusedError
from tests.bank import Bank, make_bank
from tests.database import TestDatabase, as_role
from tests.discussion import ask, give_answer, report, resolve

AT_ONCE = 8


def run_at_once(call: Callable[[], Any]) -> list[Any]:
    """What each call returned, or the refusal that it raised."""

    def made(_number: int) -> Any:
        try:
            return call()
        except (IllegalTransitionError, RefusedError) as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(made, range(AT_ONCE)))


def test_what_was_reported_stays(bank: Bank) -> None:
    problem = report(bank, bank.ana)
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        Problem.objects.filter(pk=problem.pk).update(title="Otherwise")
    with as_role("meshmarket_owner"), pytest.raises(IntegrityError, match="is kept"), transaction.atomic():
        Problem.objects.filter(pk=problem.pk).update(title="Otherwise")


def test_a_resolved_problem_never_changes(bank: Bank) -> None:
    problem = resolve(bank.ines, report(bank, bank.ana))
    with pytest.raises(IntegrityError, match="is kept"), transaction.atomic():
        Problem.objects.filter(pk=problem.pk).update(resolution="Otherwise")


@pytest.mark.parametrize(
    "change",
    [
        {"state": "acknowledged"},
        {"state": "resolved"},
        {"acknowledged_at": "2026-01-01T00:00Z"},
        {"resolved_by_id": 1},
    ],
)
def test_a_state_says_what_happened(bank: Bank, change: dict[str, Any]) -> None:
    problem = report(bank, bank.ana)
    with pytest.raises(IntegrityError), transaction.atomic():
        Problem.objects.filter(pk=problem.pk).update(**change)


def test_a_column_belongs_to_a_table(bank: Bank) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Problem.objects.create(
            product=bank.product, column="amount", title="x", reported_by=bank.ana, reported_at=clock.now()
        )


def test_nobody_rewrites_questions_and_answers(bank: Bank) -> None:
    question = ask(bank, bank.ana)
    give_answer(bank.ines, question)
    for rows in (Question.objects.all(), Answer.objects.all()):
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            rows.update(text="Otherwise")


@pytest.mark.all
def test_reports_and_answers_in_the_same_moment_count_once(committed: TestDatabase) -> None:
    bank = make_bank()
    made = [one for one in run_at_once(lambda: report(bank, bank.ana)) if isinstance(one, Problem)]
    assert (len(made), Problem.objects.count()) == (1, 1)
    done = [one for one in run_at_once(lambda: resolve(bank.ines, made[0])) if isinstance(one, Problem)]
    assert (len(done), Event.objects.filter(verb="resolve_problem").count()) == (1, 1)
    run_at_once(lambda: ask(bank, bank.ana))
    question = Question.objects.get()
    run_at_once(lambda: give_answer(bank.ines, question))
    run_at_once(lambda: join_question(acting_user=bank.sam, question_id=question.pk, now=clock.now()))
    assert (Answer.objects.count(), SameQuestion.objects.count()) == (1, 1)
    run_at_once(lambda: follow_product(acting_user=bank.ana, slug=bank.product.slug, now=clock.now()))
    assert (Follow.objects.count(), Event.objects.filter(verb="follow_product").count()) == (1, 1)
