"""Reads of problems."""

from collections.abc import Collection, Sequence
from datetime import datetime

from django.db.models import QuerySet

from catalog.mirror.models import Column, Table
from catalog.problems.may import visible_problems
from catalog.problems.models import Problem
from catalog.problems.states import OPEN_PROBLEM_STATES, AnswerStatus
from catalog.products.models import DataProduct
from identity.people.models import Person
from kernel.errors import NotFoundError

RELATED = ("product__domain__owner_team", "table", "reported_by", "acknowledged_by", "resolved_by")


def list_problems(person: Person) -> QuerySet[Problem]:
    """What the person may see, newest first."""
    rows = visible_problems(person).select_related(*RELATED)
    return rows.order_by("-reported_at", "-pk")


def get_problem(person: Person, problem_id: int) -> Problem:
    """NotFoundError for whoever may not see it."""
    found = list_problems(person).filter(pk=problem_id).first()
    if found is None:
        raise NotFoundError
    return found


def list_product_problems(product: DataProduct) -> QuerySet[Problem]:
    """For a person who sees the product: newest first."""
    return Problem.objects.filter(product=product).select_related(*RELATED).order_by("-reported_at", "-pk")


def list_open_table_problems(table: Table, products: Collection[DataProduct]) -> QuerySet[Problem]:
    """Of the table and its columns, as reported for one of these products, newest first."""
    rows = Problem.objects.filter(table=table, product__in=products, state__in=OPEN_PROBLEM_STATES)
    return rows.select_related(*RELATED).order_by("-reported_at", "-pk")


def list_reportable_tables(product: DataProduct) -> QuerySet[Table]:
    """Its tables that are still in the catalog, in the order of its page."""
    rows = Table.objects.filter(product_tables__product=product, tombstoned_at=None)
    return rows.order_by("product_tables__position", "pk")


def list_column_names(tables: Sequence[Table]) -> list[tuple[int, str]]:
    """(id of the table, name of the column), in order."""
    rows = Column.objects.filter(table__in=tables).order_by("position")
    return list(rows.values_list("table_id", "name"))


def get_answer_status(problem: Problem, now: datetime) -> AnswerStatus:
    due_at, answered_at = problem.answer_due_at, problem.answered_at
    if due_at is None:
        return AnswerStatus.NOT_PROMISED
    if answered_at is None:
        return AnswerStatus.DUE if now <= due_at else AnswerStatus.OVERDUE
    return AnswerStatus.IN_TIME if answered_at <= due_at else AnswerStatus.LATE
