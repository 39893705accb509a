"""Charts of active grants on a product, and of their last use."""

from catalog.usage.models import LastUse
from kernel import clock
from tests.bank import Bank, approve, submit_bank_item
from tests.database import as_role
from tests.portal.conftest import make_client


def test_active_grants_and_their_last_use_are_shown_to_whom_sees_the_grants(bank: Bank) -> None:
    url = f"/data-products/{bank.product.slug}/access/"
    assert not make_client(bank.ines).get(url).context["charts"]
    approve(bank, submit_bank_item(bank))
    assert [chart.key for chart in make_client(bank.ines).get(url).context["charts"]] == ["active-grants"]
    with as_role("meshmarket_worker"):
        LastUse.objects.create(
            catalog=bank.catalog,
            reader=bank.role.unique_id,
            account=bank.bi_account.account_id,
            database=bank.claims.database.name,
            table=bank.claims.name,
            at=clock.now(),
        )
    page = make_client(bank.ines).get(url).content.decode()
    assert "1 grant is active now." in page
    assert "1 grant was used this week." in page
    assert not make_client(bank.sam).get(url).context["charts"]


def test_the_polled_list_has_no_charts(bank: Bank) -> None:
    approve(bank, submit_bank_item(bank))
    url = f"/data-products/{bank.product.slug}/access/"
    answer = make_client(bank.ines).get(url, headers={"HX-Request": "true"})
    assert answer.context["charts"] == []
