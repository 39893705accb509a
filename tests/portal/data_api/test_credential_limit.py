"""The page on which owners limit how long credentials last."""

import pytest

from requests_app.table_credentials.models import CredentialLimit
from tests.bank import Bank
from tests.portal.conftest import make_client


def get_address(bank: Bank) -> str:
    return f"/my-products/{bank.product.slug}/credentials/"


def test_an_owner_finds_the_page_and_sets_a_limit(bank: Bank) -> None:
    owner, address = make_client(bank.ines), get_address(bank)
    assert f'href="{address}"' in owner.get(f"/data-products/{bank.product.slug}/").content.decode()
    assert 'value="60"' in owner.get(address).content.decode()
    page = owner.post(address, {"minutes": "30"}, follow=True).content.decode()
    assert "Saved. Credentials that were issued before keep their expiry." in page
    assert CredentialLimit.objects.get().minutes == 30
    assert 'value="30"' in owner.get(address).content.decode()


@pytest.mark.parametrize("typed", ["", "14", "361", "-1", "an hour", "9" * 5, "15.5"])
def test_a_wrong_number_is_refused_at_its_field_and_kept(bank: Bank, typed: str) -> None:
    answer = make_client(bank.ines).post(get_address(bank), {"minutes": typed})
    assert answer.status_code == 422
    assert 'id="minutes-error"' in answer.content.decode()
    assert f'value="{typed}"' in answer.content.decode()
    assert not CredentialLimit.objects.exists()


def test_others_do_not_find_it(bank: Bank) -> None:
    ana = make_client(bank.ana)
    assert get_address(bank) not in ana.get(f"/data-products/{bank.product.slug}/").content.decode()
    assert ana.get(get_address(bank)).status_code == 404
    assert ana.post(get_address(bank), {"minutes": "0"}).status_code == 404
