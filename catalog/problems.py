"""Problems with data products that people report, and what their owners answer."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import models, transaction
from django.db.models import F, Q, QuerySet, TextChoices
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.mirror.models import Column, Table
from catalog.products.may import is_product_editor, list_product_owner_ids, visible_products
from catalog.products.models import DataProduct
from identity.people.events import record_by_person
from identity.people.models import Person
from kernel.errors import NotFoundError, RefusedError, require_allowed
from kernel.state_transitions import Transitions
from kernel.text import check_text
from kernel.verdicts import ALLOWED, Verdict, refusal


class ProblemState(TextChoices):
    OPEN = "open", gettext_lazy("open")
    ACKNOWLEDGED = "acknowledged", gettext_lazy("acknowledged")
    RESOLVED = "resolved", gettext_lazy("resolved")


OPEN_PROBLEM_STATES = (ProblemState.OPEN, ProblemState.ACKNOWLEDGED)

PROBLEM_TRANSITIONS = Transitions(
    ProblemState,
    {
        ProblemState.OPEN: {ProblemState.ACKNOWLEDGED, ProblemState.RESOLVED},
        ProblemState.ACKNOWLEDGED: {ProblemState.RESOLVED},
    },
)


class AnswerStatus(TextChoices):
    """The first answer, which is an acknowledgement or the resolution, compared with the promise."""

    NOT_PROMISED = "not_promised", gettext_lazy("no answer time promised")
    DUE = "due", gettext_lazy("answer due")
    OVERDUE = "overdue", gettext_lazy("answer overdue")
    IN_TIME = "in_time", gettext_lazy("answered in time")
    LATE = "late", gettext_lazy("answered late")


MAX_TITLE_LENGTH, MAX_COLUMN_LENGTH = 120, 255


class Problem(models.Model):
    """Something that is wrong with a product, with one of its tables, or with a column. `answer_due_at` follows from what the
    product promised when it was reported. A resolved problem never changes.
    """

    product = models.ForeignKey(DataProduct, on_delete=models.PROTECT, related_name="problems")
    table = models.ForeignKey(Table, null=True, blank=True, on_delete=models.PROTECT, related_name="problems")
    column = models.CharField(max_length=MAX_COLUMN_LENGTH, blank=True)
    title = models.CharField(max_length=MAX_TITLE_LENGTH)
    description = models.TextField(blank=True)
    state = models.CharField(max_length=12, choices=ProblemState, default=ProblemState.OPEN)
    reported_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    reported_at = models.DateTimeField()
    answer_due_at = models.DateTimeField(null=True, blank=True)
    acknowledged_by = models.ForeignKey(
        Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    acknowledgement = models.TextField(blank=True)
    expected_on = models.DateField(null=True, blank=True, help_text="When it is expected to be resolved.")
    resolved_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolution = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(column="") | Q(table__isnull=False), name="problem_column_of_a_table"
            ),
            models.CheckConstraint(condition=~Q(title=""), name="problem_has_a_title"),
            models.CheckConstraint(
                condition=Q(acknowledged_at=None, acknowledged_by=None)
                | Q(acknowledged_at__isnull=False, acknowledged_by__isnull=False),
                name="problem_acknowledged_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(resolved_at=None, resolved_by=None)
                | Q(resolved_at__isnull=False, resolved_by__isnull=False),
                name="problem_resolved_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(state=ProblemState.OPEN, acknowledged_at=None, resolved_at=None)
                | Q(state=ProblemState.ACKNOWLEDGED, acknowledged_at__isnull=False, resolved_at=None)
                | Q(state=ProblemState.RESOLVED, resolved_at__isnull=False),
                name="problem_state_says_what_happened",
            ),
            models.CheckConstraint(
                condition=Q(answer_due_at=None) | Q(answer_due_at__gt=F("reported_at")),
                name="problem_answer_due_later",
            ),
            models.UniqueConstraint(
                fields=["product", "table", "column", "title", "reported_by"],
                condition=Q(state__in=OPEN_PROBLEM_STATES),
                nulls_distinct=False,
                name="problem_reported_once",
            ),
        ]
        indexes = [
            models.Index(fields=["product"], condition=Q(state__in=OPEN_PROBLEM_STATES), name="problem_open")
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def subject(self) -> str:
        """What its events are about."""
        return f"problem:{self.pk}"

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_PROBLEM_STATES

    @property
    def answered_at(self) -> datetime | None:
        return self.acknowledged_at or self.resolved_at

    @property
    def place(self) -> str:
        """The table, or the column of it; empty for the product as a whole."""
        name = self.table.name if self.table else ""
        return f"{name}.{self.column}" if self.column else name


def visible_problems(person: Person) -> QuerySet[Problem]:
    """Problems of products that the person may see."""
    if not person.is_active:
        return Problem.objects.none()
    return Problem.objects.filter(product__in=visible_products(person))


def may_report_problem(person: Person, product: DataProduct) -> Verdict:
    """Whoever sees the product, which the caller has checked; no longer once it is retired."""
    if not person.is_active:
        return refusal(_("Your profile is deactivated."))
    if product.retired_at is not None:
        return refusal(_("The product is retired. It can't be changed any more."))
    return ALLOWED


def may_acknowledge_problem(person: Person, problem: Problem) -> Verdict:
    """The product's owner, and the data owners and developers of its domain's team."""
    if person.is_active and is_product_editor(person, problem.product):
        return ALLOWED
    team = {"team": problem.product.domain.owner_team.name}
    return refusal(_("Only the owner and the data owners and developers of %(team)s can answer it.") % team)


def may_resolve_problem(person: Person, problem: Problem) -> Verdict:
    """Whoever may acknowledge it, and who reported it."""
    if person.is_active and person.pk == problem.reported_by_id:
        return ALLOWED
    return may_acknowledge_problem(person, problem)


RELATED = ("product__domain__owner_team", "table", "reported_by", "acknowledged_by", "resolved_by")


def list_problems(person: Person) -> QuerySet[Problem]:
    """What the person may see, newest first."""
    rows = visible_problems(person).select_related(*RELATED)
    return rows.order_by("-reported_at", "-pk")


def get_problem(person: Person, problem_id: int) -> Problem:
    """NotFoundError for whoever may not see it."""
    problem = list_problems(person).filter(pk=problem_id).first()
    if problem is None:
        raise NotFoundError
    return problem


def list_product_problems(product: DataProduct) -> QuerySet[Problem]:
    """For a person who sees the product: newest first."""
    return Problem.objects.filter(product=product).select_related(*RELATED).order_by("-reported_at", "-pk")


def list_open_table_problems(table: Table, products: Collection[DataProduct]) -> QuerySet[Problem]:
    """Problems of the table and its columns, as reported for one of these products, newest first."""
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
