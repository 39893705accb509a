"""Report, acknowledge and resolve problems. Each is one transaction."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.mirror.models import Column, Table
from catalog.problems.may import (
    may_acknowledge_problem,
    may_report_problem,
    may_resolve_problem,
    visible_problems,
)
from catalog.problems.models import MAX_TITLE_LENGTH, Problem
from catalog.problems.queries import list_reportable_tables
from catalog.problems.states import OPEN_PROBLEM_STATES, PROBLEM_TRANSITIONS, ProblemState
from catalog.products.may import list_product_owner_ids, visible_products
from catalog.products.models import DataProduct
from identity.people.events import record_by_person
from identity.people.models import Person
from kernel.errors import NotFoundError, RefusedError, require_allowed
from kernel.text import check_text

MAX_TEXT_LENGTH = 4000


@dataclass(frozen=True)
class ProblemReport:
    """`table` is an id, `column` a column's name; without them the problem is the product's as a whole."""

    title: str
    description: str = ""
    table: int | None = None
    column: str = ""


@transaction.atomic(durable=True)
def report_problem(*, acting_user: Person, slug: str, report: ProblemReport, now: datetime) -> Problem:
    """Tell the product's owners what is wrong. The time for their answer starts, if the product promises one.

    NotFoundError for a product that the person may not see; ForbiddenError for a retired one; RefusedError for an invalid
    field, or if the person has reported it already.
    """
    # So that nobody reports the same twice at once.
    rows = DataProduct.objects.select_for_update(of=("self",), no_key=True)
    rows = rows.select_related("domain__owner_team", "owner")
    product = rows.filter(slug=slug, pk__in=visible_products(acting_user).values("pk")).first()
    if product is None:
        raise NotFoundError
    require_allowed(may_report_problem(acting_user, product))
    title = check_text(
        " ".join(report.title.split()), "title", MAX_TITLE_LENGTH, _("Describe the problem in one line.")
    )
    description = check_text(report.description, "description", MAX_TEXT_LENGTH)
    table = (
        list_reportable_tables(product).filter(pk=report.table).first() if report.table is not None else None
    )
    if report.table is not None and table is None:
        raise RefusedError(_("Choose a table of the product."), "table")
    column = _check_column(table, report.column)
    place = {"product": product, "table": table, "column": column}
    open_ones = Problem.objects.filter(**place, reported_by=acting_user, state__in=OPEN_PROBLEM_STATES)
    if open_ones.filter(title=title).exists():
        raise RefusedError(_("You have already reported this. The problem is still open."), "title")
    hours = product.answer_hours
    problem = Problem.objects.create(
        **place,
        title=title,
        description=description,
        reported_by=acting_user,
        reported_at=now,
        answer_due_at=now + timedelta(hours=hours) if hours else None,
    )
    _record("report_problem", problem, acting_user, now, title)
    return problem


@transaction.atomic(durable=True)
def acknowledge_problem(
    *, acting_user: Person, problem_id: int, comment: str, expected_on: date | None, now: datetime
) -> Problem:
    """Say that somebody works on it, and when it is expected to be resolved, if that is known.

    NotFoundError, ForbiddenError, IllegalTransitionError, RefusedError for an invalid field.
    """
    problem = _lock_problem(acting_user, problem_id)
    require_allowed(may_acknowledge_problem(acting_user, problem))
    problem.state = PROBLEM_TRANSITIONS.check(problem.state, ProblemState.ACKNOWLEDGED)
    problem.acknowledgement = check_text(comment, "comment", MAX_TEXT_LENGTH)
    if expected_on is not None and expected_on < timezone.localdate(now):
        raise RefusedError(_("Choose today or a later day."), "expected_on")
    problem.expected_on, problem.acknowledged_by, problem.acknowledged_at = expected_on, acting_user, now
    problem.save(
        update_fields=["state", "acknowledgement", "expected_on", "acknowledged_by", "acknowledged_at"]
    )
    _record("acknowledge_problem", problem, acting_user, now, problem.acknowledgement or problem.title)
    return problem


@transaction.atomic(durable=True)
def resolve_problem(*, acting_user: Person, problem_id: int, comment: str, now: datetime) -> Problem:
    """Say what was done. It is no longer shown as open.

    NotFoundError, ForbiddenError, IllegalTransitionError, RefusedError without a comment.
    """
    problem = _lock_problem(acting_user, problem_id)
    require_allowed(may_resolve_problem(acting_user, problem))
    problem.state = PROBLEM_TRANSITIONS.check(problem.state, ProblemState.RESOLVED)
    missing = _("Say how it was resolved.")
    problem.resolution = check_text(comment, "comment", MAX_TEXT_LENGTH, missing)
    problem.resolved_by, problem.resolved_at = acting_user, now
    problem.save(update_fields=["state", "resolution", "resolved_by", "resolved_at"])
    _record("resolve_problem", problem, acting_user, now, problem.resolution)
    return problem


def _lock_problem(person: Person, problem_id: int) -> Problem:
    rows = Problem.objects.select_for_update(of=("self",))
    rows = rows.select_related("product__domain__owner_team", "product__owner", "table")
    problem = rows.filter(pk=problem_id, pk__in=visible_problems(person).values("pk")).first()
    if problem is None:
        raise NotFoundError
    return problem


def _check_column(table: Table | None, column: str) -> str:
    if not column:
        return ""
    if table is None or not Column.objects.filter(table=table, name=column).exists():
        raise RefusedError(_("Choose a column of the table."), "column")
    return column


def _record(verb: str, problem: Problem, person: Person, now: datetime, reason: str) -> None:
    """A report is told to the owners, an answer also to who reported it."""
    people = list_product_owner_ids(problem.product, without=person.pk)
    if verb != "report_problem":
        people = sorted({*people, problem.reported_by_id} - {person.pk})
    product = problem.product
    data = {
        "what": f"{product.name}, {problem.place}" if problem.place else product.name,
        "product": product.pk,
        "slug": product.slug,
        "table": problem.table_id,
        "column": problem.column,
        "title": problem.title,
        "reason": reason,
        "people": people,
    }
    record_by_person(verb, person, problem.subject, data, now)
