"""Terms are linked with products, tables and columns that the editor can see."""

import pytest

from audit.models import Event
from catalog.glossary.link_actions import LinkTarget, link_term, unlink_term
from catalog.glossary.models import Term, TermLink
from catalog.glossary.queries import build_term_page, list_links_of_tables, list_terms_of_product
from catalog.mirror.models import Table
from catalog.products.models import DataProduct
from identity.people.models import Person
from kernel import clock
from kernel.errors import ForbiddenError, NotFoundError, RefusedError
from tests.bank import Bank
from tests.glossary import add_term, make_steward, replace_by

pytestmark = pytest.mark.django_db


@pytest.fixture
def term(bank: Bank) -> Term:
    return add_term(bank.ines, "Loss", bank.domain)


def link(person: Person, term: Term, **target: object) -> TermLink:
    return link_term(acting_user=person, slug=term.slug, target=LinkTarget(**target), now=clock.now())  # type: ignore[arg-type]


def test_links_to_a_product_a_table_and_a_column(bank: Bank, term: Term) -> None:
    product = link(bank.ines, term, product=bank.product.slug)
    table = link(bank.ines, term, table=bank.claims.pk)
    column = link(bank.ines, term, table=bank.claims.pk, column="iban")
    assert link(bank.ines, term, table=bank.claims.pk, column="iban") == column
    assert build_term_page(bank.ana, term.slug).links == (product, table, column)
    assert list(list_terms_of_product(bank.product)) == [term]
    assert [one.column for one in list_links_of_tables([bank.claims])] == ["", "iban"]
    unlink_term(acting_user=bank.ines, slug=term.slug, link_id=column.pk, now=clock.now())
    assert TermLink.objects.count() == 2
    events = Event.objects.filter(subject=f"term:{term.pk}", verb__endswith="link_term").order_by("pk")
    assert [one.verb for one in events] == ["link_term"] * 3 + ["unlink_term"]
    assert events[2].data["column"] == "iban"


@pytest.mark.parametrize(
    "target",
    [
        {"product": "nothing"},
        {"table": 987_654_321},
        {},
        {"product": "claims", "column": "iban"},
    ],
)
def test_what_is_not_there_is_refused(bank: Bank, term: Term, target: dict[str, object]) -> None:
    with pytest.raises(RefusedError):
        link(bank.ines, term, **target)


def test_a_column_must_be_of_the_table(bank: Bank, term: Term) -> None:
    with pytest.raises(RefusedError) as refused:
        link(bank.ines, term, table=bank.claims.pk, column="nothing")
    assert refused.value.field == "column"
    assert not TermLink.objects.exists()


def test_what_the_editor_may_not_see_is_neither_linked_nor_unlinked(bank: Bank, term: Term) -> None:
    made = link(bank.ines, term, table=bank.claims.pk)
    DataProduct.objects.update(is_published=False)
    steward = make_steward()
    for target in ({"product": bank.product.slug}, {"table": bank.claims.pk, "column": "iban"}):
        with pytest.raises(RefusedError):
            link(steward, term, **target)
    with pytest.raises(NotFoundError):
        unlink_term(acting_user=steward, slug=term.slug, link_id=made.pk, now=clock.now())
    assert build_term_page(steward, term.slug).links == ()


def test_only_editors_link(bank: Bank, term: Term) -> None:
    made = link(bank.ines, term, table=bank.claims.pk)
    with pytest.raises(ForbiddenError):
        link(bank.ana, term, product=bank.product.slug)
    with pytest.raises(ForbiddenError):
        unlink_term(acting_user=bank.ana, slug=term.slug, link_id=made.pk, now=clock.now())
    other = add_term(bank.ines, "Other", bank.domain)
    with pytest.raises(NotFoundError):
        unlink_term(acting_user=bank.ines, slug=other.slug, link_id=made.pk, now=clock.now())


def test_a_table_that_is_gone_is_not_linked(bank: Bank, term: Term) -> None:
    Table.objects.filter(pk=bank.claims.pk).update(tombstoned_at=clock.now())
    with pytest.raises(RefusedError):
        link(bank.ines, term, table=bank.claims.pk)


def test_data_pages_link_approved_terms_alone(bank: Bank, term: Term) -> None:
    link(bank.ines, term, product=bank.product.slug)
    link(bank.ines, term, table=bank.claims.pk)
    replace_by(bank.ines, term, add_term(bank.ines, "Newer", bank.domain))
    assert not list_terms_of_product(bank.product)
    assert not list_links_of_tables([bank.claims])
