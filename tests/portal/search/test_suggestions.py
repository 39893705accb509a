"""The search box's suggestions over HTTP: a fragment for the page, the same for programs."""

from django.test import Client

from catalog.products.models import DataProduct
from tests.bank import Bank
from tests.portal.conftest import make_client


def test_the_fragment_holds_options_only(bank: Bank) -> None:
    answer = make_client(bank.ana).get("/search/suggestions/", {"q": "cla"})

    told = answer.content.decode()
    assert "<html" not in told
    assert f'data-href="/data-products/{bank.product.slug}/"' in told
    assert 'data-text="claims"' in told
    assert answer["Cache-Control"] == "private, no-store"


def test_programs_get_the_same(bank: Bank) -> None:
    found = make_client(bank.ana).get("/api/v1/search/suggestions", {"q": "iba"}).json()

    assert found == {"results": [{"kind": "word", "label": "iban", "text": "iban", "id": None, "count": 0}]}


def test_foreign_names_are_escaped(bank: Bank) -> None:
    DataProduct.objects.filter(pk=bank.product.pk).update(name='"><script>claims')

    assert "<script>" not in make_client(bank.ana).get("/search/suggestions/", {"q": "cla"}).content.decode()


def test_who_is_not_signed_in_is_offered_nothing(bank: Bank) -> None:
    assert Client().get("/search/suggestions/", {"q": "cla"}).status_code == 302
    assert Client().get("/api/v1/search/suggestions", {"q": "cla"}).status_code in (401, 403)


def test_hostile_text_is_only_text(bank: Bank) -> None:
    for text in ("'" * 300, "cla%", "\\", "x" * 10_000):
        assert make_client(bank.ana).get("/search/suggestions/", {"q": text}).status_code == 200
