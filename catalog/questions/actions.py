"""Ask and answer questions, and join those of others. Each is one transaction."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from catalog.products.may import is_product_owner, list_product_owner_ids, visible_products
from catalog.products.models import DataProduct
from catalog.questions.may import (
    may_answer_question,
    may_ask_question,
    may_join_question,
    may_leave_question,
    visible_questions,
)
from catalog.questions.models import Answer, Question, SameQuestion
from identity.people.events import record_by_person
from identity.people.models import Person
from kernel.errors import NotFoundError, RefusedError, require_allowed
from kernel.text import check_text

MAX_QUESTION_LENGTH, MAX_ANSWER_LENGTH = 1000, 4000


@transaction.atomic(durable=True)
def ask_question(*, acting_user: Person, slug: str, text: str, now: datetime) -> Question:
    """Everyone who sees the product can read and answer it.

    NotFoundError for a product that the person may not see; ForbiddenError for a retired one; RefusedError for an invalid
    text, or if the product has this question already.
    """
    rows = DataProduct.objects.select_for_update(of=("self",), no_key=True)
    rows = rows.select_related("domain__owner_team", "owner")
    product = rows.filter(slug=slug, pk__in=visible_products(acting_user).values("pk")).first()
    if product is None:
        raise NotFoundError
    require_allowed(may_ask_question(acting_user, product))
    checked = check_text(text, "text", MAX_QUESTION_LENGTH, _("Write your question."))
    if Question.objects.filter(product=product, text__iexact=checked).exists():
        raise RefusedError(_("This question has already been asked. Choose “Same question” there."), "text")
    question = Question.objects.create(product=product, text=checked, asked_by=acting_user, asked_at=now)
    data = _describe(question, checked, set(_list_owners(product, acting_user)))
    record_by_person("ask_question", acting_user, question.subject, data, now)
    return question


@transaction.atomic(durable=True)
def answer_question(*, acting_user: Person, question_id: int, text: str, now: datetime) -> Answer:
    """Whoever asked, has the same question or answered before is told, and the product's owners.

    NotFoundError, ForbiddenError, RefusedError for an invalid text.
    """
    question = _lock_question(acting_user, question_id)
    require_allowed(may_answer_question(acting_user, question))
    checked = check_text(text, "text", MAX_ANSWER_LENGTH, _("Write your answer."))
    earlier = question.answers.filter(answered_by=acting_user).order_by("-pk").first()
    if earlier is not None and earlier.text == checked:
        raise RefusedError(_("You have already given this answer."), "text")
    people = {question.asked_by_id, *_list_owners(question.product, acting_user)}
    people |= set(question.same_questions.values_list("person_id", flat=True))
    people |= set(question.answers.values_list("answered_by_id", flat=True))
    answer = Answer.objects.create(
        question=question,
        text=checked,
        answered_by=acting_user,
        answered_at=now,
        is_by_owner=is_product_owner(acting_user, question.product),
    )
    data = _describe(question, checked, people - {acting_user.pk})
    record_by_person("answer_question", acting_user, question.subject, data, now)
    return answer


@transaction.atomic(durable=True)
def join_question(*, acting_user: Person, question_id: int, now: datetime) -> Question:
    """The person has the same question, and is told of answers. Joined already, nothing changes. NotFoundError, ForbiddenError."""
    question = _lock_question(acting_user, question_id)
    require_allowed(may_join_question(acting_user, question))
    _row, is_new = SameQuestion.objects.get_or_create(
        question=question, person=acting_user, defaults={"joined_at": now}
    )
    if is_new:
        record_by_person("join_question", acting_user, question.subject, {}, now)
    return question


@transaction.atomic(durable=True)
def leave_question(*, acting_user: Person, question_id: int, now: datetime) -> Question:
    """Take `join_question` back. NotFoundError, ForbiddenError."""
    question = _lock_question(acting_user, question_id)
    require_allowed(may_leave_question(acting_user, question))
    deleted, _by_model = SameQuestion.objects.filter(question=question, person=acting_user).delete()
    if deleted:
        record_by_person("leave_question", acting_user, question.subject, {}, now)
    return question


def _lock_question(person: Person, question_id: int) -> Question:
    """Its product is locked, so that nobody gives the same answer twice at once."""
    rows = Question.objects.select_for_update(of=("product",), no_key=True)
    rows = rows.select_related("product__domain__owner_team", "product__owner", "asked_by")
    question = rows.filter(pk=question_id, pk__in=visible_questions(person).values("pk")).first()
    if question is None:
        raise NotFoundError
    return question


def _list_owners(product: DataProduct, person: Person) -> list[int]:
    return list_product_owner_ids(product, without=person.pk)


def _describe(question: Question, reason: str, people: set[int]) -> dict[str, object]:
    """The data of an event; `people` are told."""
    product = question.product
    return {
        "what": product.name,
        "product": product.pk,
        "slug": product.slug,
        "reason": reason,
        "people": sorted(people),
    }
