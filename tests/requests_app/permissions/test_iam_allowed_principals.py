"""Before "every role that IAM allows" is taken off a table, its owner reads who would lose what."""

import pytest
from django.urls import reverse

from fulfilment.observations.models import ObservedPermission
from fulfilment.observations.storage import CatalogFacts
from lakeformation.observation.reading import IAM_ALLOWED_PRINCIPALS
from tests import factories
from tests.bank import Bank, make_bank
from tests.engine_readings import observe_permission, store_catalog_reading
from tests.portal.conftest import make_client


@pytest.fixture
def bank(db: None) -> Bank:
    found = make_bank()
    store_catalog_reading(found.catalog, CatalogFacts(frozenset()))
    observe_permission(found.claims, IAM_ALLOWED_PRINCIPALS, verb="ALL")
    return found


def removal_page(bank: Bank) -> str:
    row = ObservedPermission.objects.get(principal_arn=IAM_ALLOWED_PRINCIPALS)
    return " ".join(
        make_client(bank.ines).get(reverse("permission-remove", args=[row.pk])).content.decode().split()
    )


def test_the_order_shows_who_keeps_what_and_who_loses_it(bank: Bank) -> None:
    for name in ("etl", "export", "nightly"):
        factories.make_principal(bank.catalog.account, name)
    account = bank.catalog.account.account_id
    observe_permission(bank.claims, f"arn:aws:iam::{account}:role/etl")
    observe_permission(bank.claims, f"arn:aws:iam::{account}:role/export", "amount")
    shown = removal_page(bank)
    assert "With its own permissions, etl keeps all of insurance_gold.claims." in shown
    assert "Without it, export keeps amount of insurance_gold.claims and loses claim_id, iban." in shown
    assert "1 other known role of the account loses what IAM lets it read: nightly." in shown
    assert "Not known: which of these roles really read the table" in shown


def test_it_stands_beside_who_sees_what(bank: Bank) -> None:
    row = ObservedPermission.objects.get(principal_arn=IAM_ALLOWED_PRINCIPALS)
    shown = make_client(bank.ines).get(reverse("access-explanation", args=[bank.claims.pk])).content.decode()
    assert f'href="{reverse("permission-remove", args=[row.pk])}"' in shown
