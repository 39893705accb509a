"""Problems: who reports and answers them, what is refused, and the answer time."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from audit.models import Event
from catalog.mirror.models import Table
from catalog.problems import (
    AnswerStatus,
    Problem,
    ProblemReport,
    ProblemState,
    get_answer_status,
    get_problem,
    list_problems,
    report_problem,
)
from catalog.products.models import DataProduct
from identity.people.models import Membership
from kernel import clock
from kernel.errors import ForbiddenError, IllegalTransitionError, NotFoundError, RefusedError
from tests import factories
from tests.bank import Bank
from tests.discussion import TITLE, acknowledge, hide, report, resolve


def test_a_consumer_reports_a_column_and_the_owners_answer(bank: Bank) -> None:
    problem = report(bank, bank.ana, table=bank.claims, column="amount")
    assert (problem.state, problem.place) == (ProblemState.OPEN, "claims.amount")
    acknowledge(bank.ivo, problem, expected_on=timezone.localdate() + timedelta(days=1))
    done = resolve(bank.ines, problem)
    assert (done.state, done.acknowledged_by, done.resolved_by) == ("resolved", bank.ivo, bank.ines)
    verbs = Event.objects.filter(subject=problem.subject).order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == ["report_problem", "acknowledge_problem", "resolve_problem"]


def test_a_report_names_the_owners_and_an_answer_also_who_reported(bank: Bank) -> None:
    problem = report(bank, bank.ana)
    acknowledge(bank.ivo, problem)
    reported, answered = Event.objects.filter(subject=problem.subject).order_by("pk")
    assert reported.data["people"] == sorted([bank.ines.pk, bank.ivo.pk])
    assert answered.data["people"] == sorted([bank.ines.pk, bank.ana.pk])


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": "  "}, "title"),
        ({"title": "x" * 121}, "title"),
        ({"title": "\0"}, "title"),
        ({"description": "x" * 4001}, "description"),
        ({"table": 999_999}, "table"),
        ({"column": "amount"}, "column"),
    ],
)
def test_an_invalid_report_is_refused_at_its_field(bank: Bank, changes: dict[str, Any], field: str) -> None:
    said = ProblemReport(**{"title": TITLE, **changes})
    with pytest.raises(RefusedError) as refused:
        report_problem(acting_user=bank.ana, slug=bank.product.slug, report=said, now=clock.now())
    assert refused.value.field == field
    assert not Problem.objects.exists()


def test_a_table_of_another_product_and_an_unknown_column_are_refused(bank: Bank) -> None:
    other = factories.make_table(bank.claims.database, "payments")
    for table, column in ((other, ""), (bank.claims, "no_such")):
        with pytest.raises(RefusedError):
            report(bank, bank.ana, table=table, column=column)


def test_a_table_that_is_gone_is_not_reported_on(bank: Bank) -> None:
    Table.objects.filter(pk=bank.claims.pk).update(tombstoned_at=clock.now())
    with pytest.raises(RefusedError, match="Choose a table"):
        report(bank, bank.ana, table=bank.claims)


def test_the_same_is_reported_once_while_it_is_open(bank: Bank) -> None:
    first = report(bank, bank.ana)
    with pytest.raises(RefusedError, match="already reported"):
        report(bank, bank.ana, f" {TITLE} ")
    report(bank, bank.greta)
    resolve(bank.ines, first)
    report(bank, bank.ana)


def test_developers_answer_and_consumers_do_not(bank: Bank) -> None:
    dev = factories.make_person("Dev Roth")
    factories.add_members(bank.insurance, Membership.Role.DEVELOPER, [dev])
    problem = report(bank, bank.ana)
    for person in (bank.ana, bank.sam, bank.greta):
        with pytest.raises(ForbiddenError):
            acknowledge(person, problem)
    with pytest.raises(ForbiddenError):
        resolve(bank.sam, problem)
    acknowledge(dev, problem)


def test_who_reported_it_may_resolve_it(bank: Bank) -> None:
    assert resolve(bank.ana, report(bank, bank.ana)).state == ProblemState.RESOLVED


def test_a_resolved_problem_stays(bank: Bank) -> None:
    problem = resolve(bank.ines, report(bank, bank.ana))
    for answer in (acknowledge, resolve):
        with pytest.raises(IllegalTransitionError):
            answer(bank.ines, problem)
    again = acknowledge(bank.ines, report(bank, bank.ana))
    with pytest.raises(IllegalTransitionError):
        acknowledge(bank.ivo, again)


def test_a_resolution_says_how_and_no_day_is_past(bank: Bank) -> None:
    problem = report(bank, bank.ana)
    with pytest.raises(RefusedError, match="how it was resolved"):
        resolve(bank.ines, problem, " ")
    with pytest.raises(RefusedError, match="today or a later day"):
        acknowledge(bank.ines, problem, expected_on=timezone.localdate() - timedelta(days=1))


def test_a_hidden_product_has_no_problems(bank: Bank) -> None:
    problem = report(bank, bank.ana)
    hide(bank)
    assert not list_problems(bank.ana).exists()
    assert list_problems(bank.ines).get() == problem
    with pytest.raises(NotFoundError):
        get_problem(bank.ana, problem.pk)
    with pytest.raises(NotFoundError):
        report(bank, bank.ana, "Another")
    with pytest.raises(NotFoundError):
        resolve(bank.ana, problem)


def test_an_answer_is_measured_against_the_promise(bank: Bank) -> None:
    now = clock.now()
    assert get_answer_status(report(bank, bank.ana), now) == AnswerStatus.NOT_PROMISED
    DataProduct.objects.filter(pk=bank.product.pk).update(answer_hours=4)
    begun = now - timedelta(hours=5)
    problem = report(bank, bank.ana, "Late", now=begun)
    assert problem.answer_due_at == begun + timedelta(hours=4)
    assert get_answer_status(problem, begun + timedelta(hours=4)) == AnswerStatus.DUE
    assert get_answer_status(problem, now) == AnswerStatus.OVERDUE
    DataProduct.objects.filter(pk=bank.product.pk).update(answer_hours=None)
    late = acknowledge(bank.ines, problem)
    assert get_answer_status(late, now) == AnswerStatus.LATE
    assert late.answer_due_at == problem.answer_due_at


def test_a_first_answer_in_time_stays_in_time(bank: Bank) -> None:
    DataProduct.objects.filter(pk=bank.product.pk).update(answer_hours=4)
    problem = acknowledge(bank.ines, report(bank, bank.ana))
    assert get_answer_status(resolve(bank.ines, problem), clock.now()) == AnswerStatus.IN_TIME
