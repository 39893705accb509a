"""Who may ask and answer questions about a data product: whoever sees it."""

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from catalog.products.may import visible_products
from catalog.products.models import DataProduct
from catalog.questions.models import Answer, Question
from identity.people.models import Person
from kernel.verdicts import ALLOWED, Verdict, refusal


def visible_questions(person: Person) -> QuerySet[Question]:
    """Those about products that the person may see."""
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
