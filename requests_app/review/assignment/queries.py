"""Whom decisions are assigned to, and what was said about them."""

from collections.abc import Iterable, Mapping

from django.db.models import OuterRef, QuerySet, TextField, Value
from django.db.models.functions import Cast, Concat

from decisions.models import Proposal
from identity.people.models import Person
from requests_app.review.assignment.models import Assignment, DecisionComment


def get_subject(row: Proposal) -> str:
    """Names a row of a kind of decision, also where its events are about something else."""
    return f"{row.kind_name}:{row.pk}"


def map_assignees(subjects: Iterable[str]) -> Mapping[str, Person]:
    """By subject. One query."""
    rows = Assignment.objects.filter(subject__in=list(subjects)).select_related("person")
    return {row.subject: row.person for row in rows}


def find_assignment(subject: str) -> Assignment | None:
    return Assignment.objects.filter(subject=subject).select_related("person", "assigned_by").first()


def list_decision_comments(subject: str) -> QuerySet[DecisionComment]:
    return (
        DecisionComment.objects.filter(subject=subject).select_related("author").order_by("posted_at", "pk")
    )


def list_item_assignments() -> QuerySet[Assignment]:
    """For a subquery of items: the assignment of each."""
    subject = Concat(Value("item:"), Cast(OuterRef("pk"), TextField()), output_field=TextField())
    return Assignment.objects.filter(subject=subject)
