"""Questions and answers: whoever sees the product asks and answers; the owner's answer is marked."""

import pytest

from audit.models import Event
from catalog.products.models import DataProduct
from catalog.questions import (
    Question,
    get_answer,
    get_question,
    join_question,
    leave_question,
    list_answers,
    list_questions,
)
from identity.people.models import Membership, Person
from kernel import clock
from kernel.errors import ForbiddenError, NotFoundError, RefusedError
from tests import factories
from tests.bank import Bank
from tests.database import as_role
from tests.discussion import ask, give_answer, hide


def join(person: Person, question: Question) -> None:
    join_question(acting_user=person, question_id=question.pk, now=clock.now())


def test_anyone_answers_and_the_owners_answer_is_marked(bank: Bank) -> None:
    dev = factories.make_person("Dev Roth")
    factories.add_members(bank.insurance, Membership.Role.DEVELOPER, [dev])
    question = ask(bank, bank.ana)
    for person, is_by_owner in ((bank.sam, False), (dev, False), (bank.ivo, True), (bank.ines, True)):
        assert give_answer(person, question, f"{person} says yes.").is_by_owner == is_by_owner
    assert [one.answered_by for one in list_answers(bank.ana)] == [bank.sam, dev, bank.ivo, bank.ines]


def test_the_owners_mark_stays_when_somebody_else_owns_the_product(bank: Bank) -> None:
    answer = give_answer(bank.ines, ask(bank, bank.ana))
    with as_role("meshmarket_owner"):
        Membership.objects.filter(person=bank.ines).delete()
    DataProduct.objects.filter(pk=bank.product.pk).update(owner=bank.ivo)
    assert get_answer(bank.ana, answer.pk).is_by_owner


def test_the_same_question_counts_each_person_once(bank: Bank) -> None:
    question = ask(bank, bank.ana)
    for person in (bank.sam, bank.sam, bank.greta):
        join(person, question)
    seen = get_question(bank.sam, question.pk)
    assert (seen.same_count, seen.is_joined) == (2, True)  # type: ignore[attr-defined]
    leave_question(acting_user=bank.sam, question_id=question.pk, now=clock.now())
    leave_question(acting_user=bank.sam, question_id=question.pk, now=clock.now())
    seen = get_question(bank.sam, question.pk)
    assert (seen.same_count, seen.is_joined) == (1, False)  # type: ignore[attr-defined]
    assert Event.objects.filter(verb="leave_question").count() == 1


def test_nobody_joins_their_own_question(bank: Bank) -> None:
    with pytest.raises(ForbiddenError):
        join(bank.ana, ask(bank, bank.ana))


def test_a_question_that_is_there_is_not_asked_again(bank: Bank) -> None:
    ask(bank, bank.ana, "Is the amount in EUR?")
    with pytest.raises(RefusedError, match="Same question"):
        ask(bank, bank.sam, " is the amount in eur? ")


@pytest.mark.parametrize("text", ["", "  ", "x" * 1001, "\0"])
def test_an_invalid_question_is_refused(bank: Bank, text: str) -> None:
    with pytest.raises(RefusedError):
        ask(bank, bank.ana, text)


@pytest.mark.parametrize("text", ["", "  ", "x" * 4001, "\0"])
def test_an_invalid_answer_is_refused(bank: Bank, text: str) -> None:
    question = ask(bank, bank.ana)
    with pytest.raises(RefusedError):
        give_answer(bank.ines, question, text)


def test_the_same_answer_is_given_once(bank: Bank) -> None:
    question = ask(bank, bank.ana)
    give_answer(bank.ines, question)
    with pytest.raises(RefusedError, match="already given"):
        give_answer(bank.ines, question)


def test_who_takes_part_is_told_of_an_answer(bank: Bank) -> None:
    question = ask(bank, bank.ana)
    join(bank.sam, question)
    give_answer(bank.greta, question)
    told = Event.objects.get(verb="answer_question").data["people"]
    assert told == sorted(one.pk for one in (bank.ana, bank.sam, bank.ines, bank.ivo))


def test_a_hidden_product_has_no_questions(bank: Bank) -> None:
    question = ask(bank, bank.ana)
    answer = give_answer(bank.ines, question)
    hide(bank)
    assert not list_questions(bank.ana).exists()
    assert not list_answers(bank.ana).exists()
    with pytest.raises(NotFoundError):
        get_answer(bank.ana, answer.pk)
    for call in (
        lambda: ask(bank, bank.ana, "Another?"),
        lambda: give_answer(bank.ana, question),
        lambda: join(bank.sam, question),
    ):
        with pytest.raises(NotFoundError):
            call()
