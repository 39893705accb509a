"""Who is told of problems, questions, versions, new products and release notes."""

import pytest

from catalog.follows import follow_domain, follow_product
from catalog.products.models import DataProduct
from catalog.revisions.actions import publish_product_draft
from kernel import clock
from requests_app.notifications.models import Notification
from requests_app.notifications.queries import count_notified_people
from tests.bank import Bank, approve, submit_bank_item
from tests.discussion import acknowledge, ask, give_answer, hide, report, resolve, write_note
from tests.product_lifecycle import deprecate
from tests.products import get_state, make_other_table, save_draft
from tests.requests_app.notifications.projection import project_all_events


@pytest.fixture
def followed(bank: Bank) -> Bank:
    """Greta follows the product, Sam its domain; Ana uses it."""
    approve(bank, submit_bank_item(bank))
    follow_product(acting_user=bank.greta, slug=bank.product.slug, now=clock.now())
    follow_domain(acting_user=bank.sam, slug=bank.domain.slug, now=clock.now())
    return bank


def list_told(verb: str) -> list[str]:
    project_all_events()
    rows = Notification.objects.filter(event__verb=verb, channel="portal").order_by("person__name")
    return [one.person.name for one in rows.select_related("person")]


def publish(bank: Bank) -> None:
    shown = get_state(bank)
    publish_product_draft(
        acting_user=bank.ines, slug=bank.product.slug, shown=shown, now=clock.now(), accepts_breaking=True
    )


def test_owners_and_followers_are_told_of_a_problem(followed: Bank) -> None:
    problem = report(followed, followed.ana, table=followed.claims, column="amount")
    assert list_told("report_problem") == ["Greta Ruiz", "Ines Roth", "Ivo Lang"]
    told = Notification.objects.filter(event__verb="report_problem", channel="portal")
    assert {(one.page, one.page_id) for one in told} == {("problem", problem.pk)}
    assert "Ana Keller reported a problem with Claims, claims.amount: Amounts are negative" in told[0].text


def test_who_reported_is_told_of_the_answers_and_followers_of_the_end(followed: Bank) -> None:
    problem = acknowledge(followed.ines, report(followed, followed.ana))
    resolve(followed.ines, problem)
    assert list_told("acknowledge_problem") == ["Ana Keller", "Ivo Lang"]
    assert list_told("resolve_problem") == ["Ana Keller", "Greta Ruiz", "Ivo Lang"]


def test_owners_are_told_of_a_question_and_who_asked_of_the_answer(followed: Bank) -> None:
    give_answer(followed.ines, ask(followed, followed.ana))
    assert list_told("ask_question") == ["Ines Roth", "Ivo Lang"]
    assert list_told("answer_question") == ["Ana Keller", "Ivo Lang"]


def test_consumers_and_followers_are_told_of_a_release_note(followed: Bank) -> None:
    note = write_note(followed, followed.ines)
    assert list_told("write_release_note") == ["Ana Keller", "Greta Ruiz"]
    assert count_notified_people([note.subject]) == {note.subject: 2}
    told = Notification.objects.filter(event__verb="write_release_note").first()
    assert told is not None
    assert (told.page, told.page_id) == ("release-note", note.pk)


def test_followers_are_told_of_a_new_version_and_of_a_deprecation(followed: Bank) -> None:
    save_draft(followed, followed.ines, summary="Claims of every line.")
    publish(followed)
    assert list_told("announce_version") == ["Greta Ruiz"]
    deprecate(followed)
    assert list_told("deprecate_product") == ["Ana Keller", "Greta Ruiz"]


def test_a_breaking_version_is_told_once(followed: Bank) -> None:
    save_draft(followed, followed.ines, tables=(make_other_table(followed).pk,))
    publish(followed)
    assert (list_told("announce_breaking_change"), list_told("announce_version")) == (
        ["Ana Keller", "Greta Ruiz"],
        [],
    )


def test_followers_of_the_domain_are_told_of_a_new_product(followed: Bank) -> None:
    DataProduct.objects.filter(pk=followed.product.pk).update(is_published=False)
    save_draft(followed, followed.ines, summary="Claims of every line.")
    publish(followed)
    assert (list_told("announce_product"), list_told("announce_version")) == (["Sam Outis"], [])


def test_who_no_longer_sees_the_product_is_told_nothing(followed: Bank) -> None:
    follow_product(acting_user=followed.sam, slug=followed.product.slug, now=clock.now())
    problem = report(followed, followed.sam)
    hide(followed)
    resolve(followed.ines, problem)
    assert list_told("resolve_problem") == ["Greta Ruiz", "Ivo Lang"]
