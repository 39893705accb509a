"""Data for which no confirmed domain answers is nobody's to give."""

import pytest
from django.db import IntegrityError, transaction

from catalog.mirror.models import Database
from kernel import clock
from kernel.errors import RefusedError
from requests_app.targets.checks import check_still_grantable
from requests_app.targets.requested_item import RequestedItem
from tests import factories
from tests.bank import Bank, approve, submit_bank_item
from tests.requests_app.review.test_separation import write_decision


def free_claims(bank: Bank) -> None:
    Database.objects.filter(pk=bank.claims.database_id).update(domain=None)


def test_it_cannot_be_requested(bank: Bank) -> None:
    table = factories.make_table(factories.make_database(bank.catalog, None, "bare"), "loose")
    for item in (
        RequestedItem(table.pk, ("claim_id",), False, None),
        RequestedItem(table.pk, (), True, None),
        RequestedItem(table.pk, (), False, None, metadata_only=True),
    ):
        with pytest.raises(RefusedError, match=r"bare\.loose belongs to no domain yet"):
            submit_bank_item(bank, items=[item])


def test_a_waiting_request_for_it_cannot_be_approved(bank: Bank) -> None:
    item = submit_bank_item(bank)
    free_claims(bank)
    item = type(item).objects.get(pk=item.pk)
    with pytest.raises(RefusedError, match="belongs to no domain yet"):
        check_still_grantable(item, clock.now())
    with pytest.raises(RefusedError):
        approve(bank, item)


def test_the_database_refuses_the_decision(bank: Bank) -> None:
    """Whatever a mistake in Python lets through."""
    item = submit_bank_item(bank)
    free_claims(bank)
    with pytest.raises(IntegrityError, match="belongs to no domain"), transaction.atomic():
        write_decision(item, decided_by=bank.ines, role="owner", ends_at=item.ends_at)
    write_decision(item, decided_by=bank.ines, role="owner", answer="reject")
