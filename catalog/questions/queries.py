"""Reads of questions and answers."""

from django.db.models import Count, Exists, OuterRef, Prefetch, QuerySet

from catalog.products.models import DataProduct
from catalog.questions.may import visible_answers, visible_questions
from catalog.questions.models import Answer, Question, SameQuestion
from identity.people.models import Person
from kernel.errors import NotFoundError


def list_questions(person: Person) -> QuerySet[Question]:
    """What the person may see, newest first, each with its answers, `same_count` and whether it `is_joined`."""
    return _with_answers(visible_questions(person), person)


def list_product_questions(person: Person, product: DataProduct) -> QuerySet[Question]:
    """As `list_questions`, for a person who sees the product."""
    return _with_answers(Question.objects.filter(product=product), person)


def get_question(person: Person, question_id: int) -> Question:
    """NotFoundError for whoever may not see it."""
    found = list_questions(person).filter(pk=question_id).first()
    if found is None:
        raise NotFoundError
    return found


def list_answers(person: Person) -> QuerySet[Answer]:
    """What the person may see, oldest first."""
    rows = visible_answers(person).select_related("answered_by", "question__product")
    return rows.order_by("answered_at", "pk")


def get_answer(person: Person, answer_id: int) -> Answer:
    """NotFoundError for whoever may not see it."""
    found = list_answers(person).filter(pk=answer_id).first()
    if found is None:
        raise NotFoundError
    return found


def _with_answers(rows: QuerySet[Question], person: Person) -> QuerySet[Question]:
    own = SameQuestion.objects.filter(question=OuterRef("pk"), person=person)
    answers = Answer.objects.select_related("answered_by").order_by("answered_at", "pk")
    found = rows.select_related("product__domain__owner_team", "asked_by")
    found = found.annotate(same_count=Count("same_questions"), is_joined=Exists(own))
    return found.prefetch_related(Prefetch("answers", answers)).order_by("-asked_at", "-pk")
