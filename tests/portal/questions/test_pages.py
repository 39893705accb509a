"""Questions on the product's page, on their own page and over the API."""

from typing import Any

import pytest
from django.urls import reverse

from catalog.questions import Answer, Question
from identity.people.models import Person
from tests.bank import Bank
from tests.discussion import ask, give_answer, hide
from tests.portal.api.calls import place_of, read, send
from tests.portal.conftest import make_client


def get_product_page(bank: Bank, person: Person) -> str:
    address = reverse("data-product", args=[bank.product.slug])
    return make_client(person).get(address).content.decode()


def post(person: Person, name: str, argument: Any, **said: str) -> Any:
    return make_client(person).post(reverse(name, args=[argument]), said, follow=True)


def test_a_question_and_the_owners_answer_are_on_the_products_page(bank: Bank) -> None:
    answer = post(bank.ana, "data-product-questions", bank.product.slug, text="Is it in EUR?")
    assert "Asked. The data owners are notified." in answer.content.decode()
    question = Question.objects.get()
    post(bank.sam, "question", question.pk, text="I think so.")
    assert "Owner's answer" not in get_product_page(bank, bank.ana)
    post(bank.ines, "question", question.pk, text="Yes, in EUR.")
    page = get_product_page(bank, bank.ana)
    assert all(text in page for text in ("Is it in EUR?", "I think so.", "Yes, in EUR.", "1 question"))
    assert page.count("Owner's answer") == 1


def test_the_same_question_is_counted_and_taken_back(bank: Bank) -> None:
    question = ask(bank, bank.ana)
    page = post(bank.sam, "question-join", question.pk, do="join").content.decode()
    assert "1 other person has this question" in page
    page = post(bank.sam, "question-join", question.pk, do="leave").content.decode()
    assert "has this question" not in page
    assert (
        "Same question"
        not in make_client(bank.ana).get(reverse("question", args=[question.pk])).content.decode()
    )


@pytest.mark.parametrize("text", ["", " ", "x" * 5000])
def test_a_refused_text_is_kept(bank: Bank, text: str) -> None:
    question = ask(bank, bank.ana)
    for name, argument in (("data-product-questions", bank.product.slug), ("question", question.pk)):
        answer = post(bank.sam, name, argument, text=text)
        assert (answer.status_code, text in answer.content.decode()) == (422, True)
    assert (Question.objects.count(), Answer.objects.count()) == (1, 0)


def test_only_the_newest_are_on_the_products_page(bank: Bank) -> None:
    for number in range(7):
        ask(bank, bank.ana, f"Question number {number}?")
    page = get_product_page(bank, bank.sam)
    assert ("Question number 6?" in page, "Question number 1?" in page) == (True, False)
    assert "See all questions" in page
    listed = make_client(bank.sam).get(reverse("data-product-questions", args=[bank.product.slug]))
    assert "Question number 1?" in listed.content.decode()


def test_a_hidden_product_has_no_questions(bank: Bank) -> None:
    question = ask(bank, bank.ana)
    hide(bank)
    for name, argument in (("data-product-questions", bank.product.slug), ("question", question.pk)):
        assert post(bank.ana, name, argument, text="Another?").status_code == 404
    assert post(bank.sam, "question-join", question.pk, do="join").status_code == 404


def test_the_api_asks_answers_and_joins(bank: Bank) -> None:
    made = send(bank.ana, "questions", {"data_product": bank.product.slug, "text": "Is it in EUR?"})
    assert made.status_code == 201
    pk = made.json()["id"]
    assert send(bank.ana, f"questions/{pk}/join", {}).status_code == 403
    joined = send(bank.sam, f"questions/{pk}/join", {}).json()
    assert (joined["same_count"], joined["is_joined"]) == (1, True)
    assert send(bank.sam, f"questions/{pk}/leave", {}).json()["same_count"] == 0
    answer = send(bank.ines, "answers", {"question": pk, "text": "Yes."})
    assert (answer.status_code, answer.json()["is_by_owner"]) == (201, True)
    listed = read(bank.sam, "answers", question=pk)["results"]
    assert [one["text"] for one in listed] == ["Yes."]
    assert read(bank.sam, f"answers/{listed[0]['id']}")["question"]["id"] == pk
    assert read(bank.sam, "questions", data_product=bank.product.slug)["results"][0]["answer_count"] == 1


def test_the_api_names_what_is_wrong(bank: Bank) -> None:
    question = ask(bank, bank.ana)
    answer = send(bank.ana, "questions", {"data_product": bank.product.slug, "text": question.text})
    assert (answer.status_code, place_of(answer)) == (422, "#/text")
    assert send(bank.ana, "answers", {"question": "999999", "text": "Yes."}).status_code == 404
    give_answer(bank.ines, question)
    answer = send(bank.ines, "answers", {"question": str(question.pk), "text": "Yes."})
    assert (answer.status_code, place_of(answer)) == (422, "#/text")
    hide(bank)
    assert read(bank.ana, "questions")["results"] == read(bank.ana, "answers")["results"] == []
