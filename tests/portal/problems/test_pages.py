"""Pages of problems: report, answer, and where an open one is shown."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from catalog.problems import Problem
from catalog.products.models import DataProduct
from identity.people.models import Person
from kernel import clock
from tests import factories
from tests.bank import Bank
from tests.discussion import TITLE, acknowledge, hide, report, resolve
from tests.html import list_inbox_rows, squeeze
from tests.portal.conftest import make_client


def get_page(person: Person, name: str, *arguments: Any, **query: Any) -> str:
    answer = make_client(person).get(reverse(name, args=arguments), query)
    assert answer.status_code == 200
    return answer.content.decode()


def answer_problem(person: Person, problem: Problem, do: str, **said: str) -> Any:
    address = reverse("problem-decide", args=[problem.pk])
    return make_client(person).post(address, {"do": do, **said}, follow=True)


def test_a_column_is_chosen_by_the_link_from_the_schema(bank: Bank) -> None:
    client, address = make_client(bank.ana), reverse("problem-new")
    fields: dict[str, str | int] = {"data_product": bank.product.slug, "table": bank.claims.pk}
    for page in (
        get_page(bank.ana, "data-product", bank.product.slug),
        get_page(bank.ana, "table", bank.claims.pk),
    ):
        form = page.split(f'<form method="get" action="{address}">')[1].split("</form>")[0]
        assert all(f'name="{name}" value="{value}"' in form for name, value in fields.items())
        assert 'name="column" value="amount"' in form
    where = f"{address}?{urlencode({**fields, 'column': 'amount'})}"
    assert f'<option value="{bank.claims.pk}/amount" selected>' in client.get(where).content.decode()
    said = {
        "place": f"{bank.claims.pk}/amount",
        "title": TITLE,
        "description": "Since Monday.\r\nAll of them.",
    }
    answer = client.post(where, said, follow=True)
    assert "Reported. The data owners are notified." in answer.content.decode()
    problem = Problem.objects.get()
    assert (problem.table, problem.column) == (bank.claims, "amount")
    assert problem.description == "Since Monday.\nAll of them."


@pytest.mark.parametrize("said", [{"title": ""}, {"title": TITLE, "place": "1/none"}, {"title": "x" * 121}])
def test_a_refused_report_keeps_its_text(bank: Bank, said: dict[str, str]) -> None:
    address = f"{reverse('problem-new')}?data_product={bank.product.slug}"
    answer = make_client(bank.ana).post(address, {"place": "", "description": "Kept text.", **said})
    assert answer.status_code == 422
    assert "Kept text." in answer.content.decode()
    assert not Problem.objects.exists()


def test_the_form_says_what_is_promised(bank: Bank) -> None:
    assert "answer time" in get_page(bank.ana, "problem-new", data_product=bank.product.slug)
    DataProduct.objects.filter(pk=bank.product.pk).update(answer_hours=4)
    page = get_page(bank.ana, "problem-new", data_product=bank.product.slug)
    assert "They promise an answer within 4 hours." in page


def test_an_open_problem_is_shown_on_the_product_and_its_table(bank: Bank) -> None:
    problem = report(bank, bank.ana, table=bank.claims, column="amount")
    acknowledge(bank.ines, problem)
    pages = [
        ("data-product", bank.product.slug, 'class="trust amber"'),
        ("table", bank.claims.pk, 'class="callout amber problem-banner"'),
    ]
    for name, argument, banner in pages:
        page = get_page(bank.sam, name, argument)
        assert banner in page
        assert "Ines Roth is working on it." in page
    columns = get_page(bank.sam, "data-product-columns", bank.product.slug)
    assert columns.count('class="column-problem"') == 1
    resolve(bank.ines, problem)
    for name, argument, banner in pages:
        assert banner not in get_page(bank.sam, name, argument)
    assert "column-problem" not in get_page(bank.sam, "data-product-columns", bank.product.slug)
    assert TITLE in get_page(bank.sam, "data-product-questions", bank.product.slug)


def test_a_table_shows_no_problem_of_a_product_that_is_hidden(bank: Bank) -> None:
    factories.make_product(bank.domain, bank.ines, [bank.claims], "Open to all")
    report(bank, bank.ines, table=bank.claims)
    assert TITLE in get_page(bank.sam, "table", bank.claims.pk)
    hide(bank)
    assert TITLE not in get_page(bank.sam, "table", bank.claims.pk)


def test_owners_find_it_in_their_inbox_until_it_is_resolved(bank: Bank) -> None:
    problem = report(bank, bank.ana)
    assert list_inbox_rows(get_page(bank.ivo, "reviews")) == [
        (reverse("problem", args=[problem.pk]), str(problem), "problem")
    ]
    assert ">1 item waiting<" in squeeze(get_page(bank.ivo, "reviews"))
    other = report(bank, bank.sam)
    assert {address for address, _text, _kind in list_inbox_rows(get_page(bank.ines, "reviews"))} == {
        reverse("problem", args=[one.pk]) for one in (problem, other)
    }
    assert ">2 items waiting<" in squeeze(get_page(bank.ines, "reviews"))
    for one in Problem.objects.all():
        resolve(bank.ines, one)
    assert list_inbox_rows(get_page(bank.ivo, "reviews")) == []
    assert "Your inbox is empty" in get_page(bank.ivo, "reviews")


def test_an_owner_acknowledges_and_resolves(bank: Bank) -> None:
    problem = report(bank, bank.ana)
    day = f"{timezone.localdate() + timedelta(days=2):%Y-%m-%d}"
    page = answer_problem(bank.ines, problem, "acknowledge", comment="We look.", expected_on=day)
    assert "Acknowledged." in page.content.decode()
    assert answer_problem(bank.ines, problem, "resolve").status_code == 422
    page = answer_problem(bank.ines, problem, "resolve", comment="Loaded again.")
    assert "Loaded again." in page.content.decode()
    assert answer_problem(bank.ivo, problem, "resolve", comment="Me too.").status_code == 422


def test_others_read_it_and_answer_nothing(bank: Bank) -> None:
    problem = report(bank, bank.ana)
    page = get_page(bank.sam, "problem", problem.pk)
    assert ('value="acknowledge"' in page, 'value="resolve"' in page) == (False, False)
    own = get_page(bank.ana, "problem", problem.pk)
    assert ('value="acknowledge"' in own, 'value="resolve"' in own) == (False, True)
    assert answer_problem(bank.sam, problem, "resolve", comment="Fine.").status_code == 422
    hide(bank)
    assert answer_problem(bank.ana, problem, "resolve", comment="Fine.").status_code == 404


def test_an_overdue_answer_is_marked(bank: Bank) -> None:
    DataProduct.objects.filter(pk=bank.product.pk).update(answer_hours=4)
    problem = report(bank, bank.ana, now=clock.now() - timedelta(hours=6))
    page = get_page(bank.ines, "problem", problem.pk)
    assert ("Answer overdue" in page, "promised within 4 hours" in page) == (True, True)
    acknowledge(bank.ines, problem)
    assert "Answered after 6 hours; promised within 4 hours." in get_page(bank.ana, "problem", problem.pk)


def test_the_list_is_filtered_by_state_and_product(bank: Bank) -> None:
    resolve(bank.ines, report(bank, bank.ana, "An old one"))
    report(bank, bank.ana, "A new one")
    shown = {
        state: {
            one for one in ("An old one", "A new one") if one in get_page(bank.sam, "problems", state=state)
        }
        for state in ("open", "resolved", "all", "mine", "no-such")
    }
    assert shown["open"] == shown["no-such"] == {"A new one"}
    assert (shown["resolved"], shown["mine"]) == ({"An old one"}, set())
    assert shown["all"] == {"An old one", "A new one"}
    assert "A new one" in get_page(bank.ines, "problems", state="mine")
    assert "A new one" not in get_page(bank.sam, "problems", data_product="no-such")
