"""Who has no role that could receive access is told so at once, and is led into no form that refuses them."""

from django.urls import reverse

from tests.bank import Bank
from tests.portal.conftest import make_client


def test_a_data_owner_without_a_role_is_not_offered_a_request(bank: Bank) -> None:
    column = bank.claims.columns.first()
    assert column is not None
    addresses = [
        reverse("data-product", args=[bank.product.slug]),
        reverse("table", args=[bank.claims.pk]),
        reverse("column", args=[bank.claims.pk, column.name]),
    ]
    for address in addresses:
        own = make_client(bank.ines).get(address).content.decode().split("<main")[1]
        assert "/access-requests/new/" not in own, address
        assert "your teams have no role yet" in own, address
        assert "/access-requests/new/" in make_client(bank.ana).get(address).content.decode(), address
