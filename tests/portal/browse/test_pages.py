"""The tree opens branch by branch, with and without JavaScript."""

from tests.bank import Bank
from tests.portal.conftest import make_client


def test_the_tree_is_a_page_and_a_fragment(bank: Bank) -> None:
    client = make_client(bank.ana)
    slug = bank.product.domain.slug

    page = client.get(f"/domains/?open={slug}").content.decode()
    fragment = client.get(f"/domains/?open={slug}", headers={"HX-Request": "true"}).content.decode()

    assert f'href="/data-products/{bank.product.slug}/"' in page
    assert f'href="/data-products/{bank.product.slug}/"' in fragment
    assert f'href="/domains/{slug}/"' in fragment
    assert 'aria-expanded="true"' in fragment
    assert "<html" not in fragment


def test_a_closed_branch_is_not_read(bank: Bank) -> None:
    page = make_client(bank.ana).get("/domains/").content.decode()

    assert f'href="/data-products/{bank.product.slug}/"' not in page
    assert f"open={bank.product.domain.slug}" in page


def test_tables_lie_in_their_database(bank: Bank) -> None:
    database = bank.claims.database
    name = database.catalog.short_name
    address = f"/catalogs/?open={name}&open={name}/{database.name}"

    assert f'href="/tables/{bank.claims.pk}/"' in make_client(bank.ana).get(address).content.decode()
