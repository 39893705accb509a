"""The page of a table for which no domain answers says so."""

from django.urls import reverse

from catalog.mirror.models import Database
from tests.bank import Bank
from tests.portal.conftest import make_client


def test_it_offers_no_request(bank: Bank) -> None:
    form = f"{reverse('access-request-new')}?table={bank.claims.pk}"
    address = reverse("table", args=[bank.claims.pk])
    assert form in make_client(bank.ana).get(address).content.decode()
    Database.objects.filter(pk=bank.claims.database_id).update(domain=None)
    page = make_client(bank.ana).get(address).content.decode()
    assert "belongs to no domain yet" in page
    assert form not in page
