"""Nested catalogs are mirrored and searched; nothing is granted in them."""

import pytest

from kernel.errors import RefusedError
from requests_app.access_requests.models import AccessRequest
from tests.bank import Bank, submit_bank_request


def test_a_request_for_a_table_of_a_nested_catalog_is_refused_and_says_why(bank: Bank) -> None:
    bank.catalog.path = "s3tablescatalog/claims"
    bank.catalog.save()
    bank.claims.refresh_from_db()
    with pytest.raises(RefusedError, match="the portal can't grant access to them yet") as refused:
        submit_bank_request(bank)
    assert refused.value.field == "items"
    assert not AccessRequest.objects.exists()
