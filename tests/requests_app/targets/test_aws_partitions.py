"""AWS links nothing between partitions: a request across them is refused, before and at sending."""

import pytest

from kernel import clock
from kernel.errors import RefusedError
from requests_app.access_requests.models import AccessRequest
from requests_app.submission.preview import RequestDraft, preview_items
from requests_app.targets.recipients import Recipient
from requests_app.targets.requested_item import RequestedItem
from tests import factories
from tests.bank import Bank, submit_bank_request
from tests.database import as_role

ROLES = ("observer_role_arn", "executor_role_arn")
ABROAD = "BI is in the partition aws-cn, and the data is in aws"


@pytest.fixture
def abroad(bank: Bank) -> Bank:
    account = bank.bi_account
    roles = {name: getattr(account, name).replace("arn:aws:", "arn:aws-cn:") for name in ROLES}
    with as_role("meshmarket_owner"):
        type(account).objects.filter(pk=account.pk).update(partition="aws-cn", **roles)
    account.refresh_from_db()
    bank.role.refresh_from_db()
    return bank


def test_an_ask_for_a_role_in_another_partition_is_refused(abroad: Bank) -> None:
    with pytest.raises(RefusedError, match=ABROAD) as caught:
        submit_bank_request(abroad)
    assert (caught.value.field, AccessRequest.objects.count()) == ("principal", 0)


def test_the_form_says_so_before_it_is_sent(abroad: Bank) -> None:
    words = RequestDraft(
        abroad.ana, Recipient(abroad.role).build_details({}, factories.days_from_now(9)), clock.now()
    )
    one = RequestedItem(abroad.claims.pk, ("claim_id",), whole_table=False, product_id=None)
    assert ABROAD in preview_items(words, [one])[abroad.claims.pk].text


def test_a_role_in_another_region_of_the_same_partition_is_not(bank: Bank) -> None:
    bank.bi_account.region = "us-east-1"
    bank.bi_account.save()
    assert submit_bank_request(bank).items.count() == 1
