"""Values that the request form offers for row conditions: of offers, of the team's own row filters, and of the profile."""

from django.urls import reverse

from catalog.quality.models import MeasureKind, QualityMeasure, QualitySource
from kernel import clock
from requests_app.access_requests.models import RequestItem
from requests_app.data_queries.models import TableProfile
from tests.bank import Bank, submit_bank_item
from tests.database import as_role
from tests.portal.conftest import make_client
from tests.portal.request_form.test_pages import build_request_form
from tests.requests_app.targets.test_row_filters import build_items


def get_values(bank: Bank, name: str = "ana") -> dict[str, tuple[tuple[str, ...], str]]:
    address = f"{reverse('access-request-new')}?table={bank.claims.pk}"
    rows = make_client(getattr(bank, name)).get(address).context["column_values"]
    return {row.column: (row.values, row.span) for row in rows}


def test_values_of_the_teams_row_filters_are_offered(bank: Bank) -> None:
    assert get_values(bank) == {}
    submit_bank_item(bank, items=build_items(bank, "amount IN ('7', '9')", ("iban",)))
    assert get_values(bank) == {"amount": (("7", "9"), "")}


def test_values_of_the_profile_are_offered_to_those_who_may_see_them(bank: Bank) -> None:
    bank.claims.columns.filter(name="amount").update(classification="private")
    counts = {"nulls": 0, "distinct": 2, "least": "12", "greatest": "98765"}
    with as_role("meshmarket_worker"):
        TableProfile.objects.create(
            table=bank.claims,
            columns={"amount": counts},
            row_count=9,
            measured_at=clock.now(),
            requested_by=bank.ines,
        )
    assert get_values(bank) == {}
    bank.claims.columns.filter(name="amount").update(classification="public")
    span = "2 values, from 12 to 98765, in 9 rows that were looked at"
    assert get_values(bank) == {"amount": (("12", "98765"), span)}


def test_the_number_of_rows_is_told_as_it_was_counted(bank: Bank) -> None:
    with as_role("meshmarket_worker"):
        QualityMeasure.objects.create(
            table=bank.claims,
            kind=MeasureKind.ROWS,
            measured_at=clock.now(),
            value=1200,
            source=QualitySource.DBT,
        )
    address = f"{reverse('access-request-new')}?table={bank.claims.pk}"
    assert "The table had 1200 rows on" in make_client(bank.ana).get(address).content.decode()


def test_ticked_values_narrow_the_request_with_and_without_the_add_button(bank: Bank) -> None:
    address, ana = f"{reverse('access-request-new')}?table={bank.claims.pk}", make_client(bank.ana)
    ticked = {"values-amount": ["7", "9"], "condition_column": "claim_id", "condition_operator": "="}
    added = ana.post(address, build_request_form(bank, do="add-condition", **ticked))
    assert added.context["form"]["row_filter"].value() == "amount IN ('7', '9')"
    assert "a value is missing" not in added.content.decode()
    ana.post(address, build_request_form(bank, **ticked))
    assert RequestItem.objects.get().row_filter == "amount IN ('7', '9')"


def test_ticks_beside_a_row_filter_that_cannot_be_read_are_refused_not_dropped(bank: Bank) -> None:
    address = f"{reverse('access-request-new')}?table={bank.claims.pk}"
    form = build_request_form(bank, row_filter="amount >", **{"values-amount": ["7"]})
    assert make_client(bank.ana).post(address, form).status_code == 422
    assert not RequestItem.objects.exists()
