"""The table of texts of a request, and the rows that keep them."""

import pytest
from django.db import IntegrityError, transaction

from requests_app.access_requests.models import AccessRequest
from requests_app.policy_engine.request_texts import REQUEST_TEXTS, TEXT_NAMES
from requests_app.submission.models import Basket
from tests import factories
from tests.bank import Bank, submit_bank_item
from tests.database import as_role


def test_requests_and_baskets_have_a_column_for_each_text() -> None:
    columns = [{field.name for field in model._meta.get_fields()} for model in (AccessRequest, Basket)]
    assert all(set(TEXT_NAMES) <= names for names in columns)


def test_a_text_that_must_be_typed_says_what_is_missing() -> None:
    assert all(text.is_required == (text.min_length > 0) for text in REQUEST_TEXTS)


@pytest.mark.parametrize("name", [*TEXT_NAMES, "ends_at", "idempotency_key"])
def test_of_a_sent_request_nothing_that_it_says_changes(bank: Bank, name: str) -> None:
    request = submit_bank_item(bank).request
    value = factories.days_from_now(60) if name == "ends_at" else "something else entirely"
    refused = pytest.raises(IntegrityError, match="stays as it is")
    with as_role("meshmarket_owner"), refused, transaction.atomic():
        AccessRequest.objects.filter(pk=request.pk).update(**{name: value})
