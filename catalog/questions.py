"""Questions about data products, and their answers."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db import models, transaction
from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet
from django.utils.translation import gettext as _

from catalog.products.may import (
    is_product_owner,
    list_owned_domains,
    list_product_owner_ids,
    visible_products,
)
from catalog.products.models import DataProduct
from identity.people.events import record_by_person
from identity.people.models import Person
from kernel.errors import NotFoundError, RefusedError, require_allowed
from kernel.text import check_text
from kernel.verdicts import ALLOWED, Verdict, refusal


class Question(models.Model):
    product = models.ForeignKey(DataProduct, on_delete=models.PROTECT, related_name="questions")
    text = models.TextField()
    asked_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(text=""), name="question_has_a_text")]

    def __str__(self) -> str:
        return self.text

    @property
    def subject(self) -> str:
        """What its events are about."""
        return f"question:{self.pk}"


class SameQuestion(models.Model):
    """A person who has the same question, besides who asked it."""

    question = models.ForeignKey(Question, on_delete=models.PROTECT, related_name="same_questions")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    joined_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["question", "person"], name="same_question_once")]

    def __str__(self) -> str:
        return f"{self.person} with question {self.question_id}"


class Answer(models.Model):
    """`is_by_owner`: its person was the product's owner or a data owner of its domain when it was written."""

    question = models.ForeignKey(Question, on_delete=models.PROTECT, related_name="answers")
    text = models.TextField()
    answered_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    answered_at = models.DateTimeField()
    is_by_owner = models.BooleanField()

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(text=""), name="answer_has_a_text")]

    def __str__(self) -> str:
        return self.text


def visible_questions(person: Person) -> QuerySet[Question]:
    """Questions about products that the person may see."""
    if not person.is_active:
        return Question.objects.none()
    return Question.objects.filter(product__in=visible_products(person))


def visible_answers(person: Person) -> QuerySet[Answer]:
    return Answer.objects.filter(question__in=visible_questions(person))


def may_ask_question(person: Person, product: DataProduct) -> Verdict:
    """Whoever sees the product, which the caller has checked; no longer once it is retired."""
    if not person.is_active:
        return refusal(_("Your profile is deactivated."))
    if product.retired_at is not None:
        return refusal(_("The product is retired. It can't be changed any more."))
    return ALLOWED


def may_answer_question(person: Person, question: Question) -> Verdict:
    return may_ask_question(person, question.product)


def may_join_question(person: Person, question: Question) -> Verdict:
    """Whoever may ask, but not who asked it."""
    if person.pk == question.asked_by_id:
        return refusal(_("You asked this question yourself."))
    return may_ask_question(person, question.product)


def may_leave_question(person: Person, _question: Question) -> Verdict:
    return ALLOWED if person.is_active else refusal(_("Your profile is deactivated."))


def list_questions(person: Person) -> QuerySet[Question]:
    """What the person may see, newest first, each with its answers, `same_count` and whether it `is_joined`."""
    return _with_answers(visible_questions(person), person)


def list_questions_for_owner(person: Person) -> QuerySet[Question]:
    """Questions of others about products that the person owns, or whose domain they are a data owner of; newest first."""
    owned = Q(product__owner=person) | Q(product__domain__in=list_owned_domains(person))
    rows = visible_questions(person).filter(owned).exclude(asked_by=person)
    return rows.select_related("product", "asked_by").order_by("-asked_at", "-pk")


def list_product_questions(person: Person, product: DataProduct) -> QuerySet[Question]:
    """As `list_questions`, for a person who sees the product."""
    return _with_answers(Question.objects.filter(product=product), person)


def get_question(person: Person, question_id: int) -> Question:
    """NotFoundError for whoever may not see it."""
    question = list_questions(person).filter(pk=question_id).first()
    if question is None:
        raise NotFoundError
    return question


def list_unanswered_questions(products: Collection[int]) -> QuerySet[Question]:
    """For a person who sees these products, by id: the oldest first."""
    rows = Question.objects.filter(product__in=products, answers=None)
    return rows.select_related("product", "asked_by").order_by("asked_at", "pk")


@dataclass(frozen=True)
class Expert:
    """`answer_count` counts the answers to questions about the products in question."""

    person: Person
    answer_count: int


def list_experts(person: Person, products: Q, limit: int) -> list[Expert]:
    """Who answered most questions about these products, as far as the person sees them. Two queries."""
    answers = Answer.objects.filter(
        question__product__in=visible_products(person).filter(products), answered_by__is_active=True
    )
    counted = answers.order_by().values_list("answered_by").annotate(count=Count("pk"))
    counts = dict(counted.order_by("-count", "answered_by")[:limit])
    people = Person.objects.in_bulk(counts)
    return [Expert(people[pk], count) for pk, count in counts.items()]


def list_answers(person: Person) -> QuerySet[Answer]:
    """What the person may see, oldest first."""
    rows = visible_answers(person).select_related("answered_by", "question__product")
    return rows.order_by("answered_at", "pk")


def get_answer(person: Person, answer_id: int) -> Answer:
    """NotFoundError for whoever may not see it."""
    answer = list_answers(person).filter(pk=answer_id).first()
    if answer is None:
        raise NotFoundError
    return answer


def _with_answers(rows: QuerySet[Question], person: Person) -> QuerySet[Question]:
    own = SameQuestion.objects.filter(question=OuterRef("pk"), person=person)
    answers = Answer.objects.select_related("answered_by").order_by("answered_at", "pk")
    found = rows.select_related("product__domain__owner_team", "asked_by")
    found = found.annotate(same_count=Count("same_questions"), is_joined=Exists(own))
    return found.prefetch_related(Prefetch("answers", answers)).order_by("-asked_at", "-pk")


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
