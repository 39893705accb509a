"""Problems, questions, follows and release notes of the small bank's claims."""

from datetime import datetime
from typing import Any

from catalog.follows import follow_product
from catalog.mirror.models import Table
from catalog.problems import Problem, ProblemReport, acknowledge_problem, report_problem, resolve_problem
from catalog.products.models import DataProduct
from catalog.questions import Answer, Question, answer_question, ask_question
from catalog.release_notes import ReleaseNote, write_release_note
from identity.people.models import Person
from kernel import clock
from tests.bank import Bank

TITLE = "Amounts are negative"


def report(
    bank: Bank,
    person: Person,
    title: str = TITLE,
    *,
    table: Table | None = None,
    column: str = "",
    now: datetime | None = None,
) -> Problem:
    said = ProblemReport(title, "Since Monday.", table.pk if table else None, column)
    return report_problem(acting_user=person, slug=bank.product.slug, report=said, now=now or clock.now())


def acknowledge(person: Person, problem: Problem, comment: str = "We look at it.", **changes: Any) -> Problem:
    words: dict[str, Any] = {"expected_on": None, "now": clock.now()}
    return acknowledge_problem(acting_user=person, problem_id=problem.pk, comment=comment, **words | changes)


def resolve(person: Person, problem: Problem, comment: str = "Loaded again.") -> Problem:
    return resolve_problem(acting_user=person, problem_id=problem.pk, comment=comment, now=clock.now())


def ask(bank: Bank, person: Person, text: str = "Is the amount in EUR?") -> Question:
    return ask_question(acting_user=person, slug=bank.product.slug, text=text, now=clock.now())


def give_answer(person: Person, question: Question, text: str = "Yes.") -> Answer:
    return answer_question(acting_user=person, question_id=question.pk, text=text, now=clock.now())


def write_note(bank: Bank, person: Person, title: str = "Amounts are in EUR", text: str = "") -> ReleaseNote:
    return write_release_note(
        acting_user=person, slug=bank.product.slug, title=title, text=text, now=clock.now()
    )


def hide(bank: Bank) -> None:
    """From everyone outside its team."""
    DataProduct.objects.filter(pk=bank.product.pk).update(requested_by="domain", seen_by="domain")


def make_sample_discussion(bank: Bank) -> dict[str, Any]:
    """One of each."""
    question = ask(bank, bank.ana)
    follow = follow_product(acting_user=bank.ana, slug=bank.product.slug, now=clock.now())
    return {
        "problem": report(bank, bank.ana).pk,
        "question": question.pk,
        "answer": give_answer(bank.ines, question).pk,
        "follow": follow.pk,
        "release_note": write_note(bank, bank.ines).pk,
    }
