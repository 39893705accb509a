"""Pages of quality show the score, its promise and its source, to those who see the table."""

from decimal import Decimal

import pytest

from catalog.quality.actions import store_results
from catalog.quality.models import QualityDimension, QualityResult, QualityRuleset, RuleOutcome
from tests.bank import Bank
from tests.catalog.quality.samples import NOW, incoming, rule, rules, store, store_rows
from tests.portal.conftest import make_client


@pytest.fixture
def measured(bank: Bank) -> Bank:
    bank.product.quality_percent = Decimal(95)
    bank.product.save(update_fields=["quality_percent"])
    for hour in range(-48, 1, 24):
        store(bank.claims, 9, 1, hours=hour)
    return bank


def read(bank: Bank, address: str, *, as_owner: bool = False) -> str:
    answer = make_client(bank.ines if as_owner else bank.ana).get(address)
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_the_first_screen_of_a_product_shows_score_and_promise(measured: Bank) -> None:
    text = read(measured, f"/data-products/{measured.product.slug}/")
    assert "90%" in text
    assert "promised: at least 95%" in text
    assert "by Glue Data Quality" in text
    assert "bad 0" in text
    assert "It breaks 1 of 1 promise." in text


def test_messages_are_for_those_who_maintain_the_table(measured: Bank) -> None:
    result = QualityResult.objects.latest("evaluated_at")
    for address in (f"/tables/{measured.claims.pk}/quality/", f"/quality-results/{result.pk}/"):
        assert "3 of 40 rows" not in read(measured, address)
        assert "3 of 40 rows" in read(measured, address, as_owner=True)


def test_a_ruleset_has_the_history_of_a_rule(measured: Bank) -> None:
    ruleset = QualityRuleset.objects.get()
    text = read(measured, f"/quality-rulesets/{ruleset.pk}/?rule=bad+0")
    assert "It passed in 0 of the last 3 results." in text
    assert "History of a rule" not in read(measured, f"/quality-rulesets/{ruleset.pk}/?rule=unknown")


def test_a_column_shows_its_rules(measured: Bank) -> None:
    assert "rule 0" in read(measured, f"/tables/{measured.claims.pk}/columns/claim_id/")
    assert "There are no measurements" in read(measured, f"/tables/{measured.claims.pk}/columns/amount/")


def test_an_anomaly_is_shown_with_its_band(bank: Bank) -> None:
    store_rows(bank.claims, [1000.0] * 8 + [10])
    assert "number of rows: 10, expected 980 to 1,020" in read(bank, f"/tables/{bank.claims.pk}/")


@pytest.mark.parametrize(
    "address", ["/tables/{table}/quality/", "/quality-rulesets/{ruleset}/", "/quality-results/{result}/"]
)
def test_who_may_not_see_the_table_sees_nothing_of_it(measured: Bank, address: str) -> None:
    measured.product.is_published = False
    measured.product.save(update_fields=["is_published"])
    ids = {
        "table": measured.claims.pk,
        "ruleset": QualityRuleset.objects.get().pk,
        "result": QualityResult.objects.latest("pk").pk,
    }
    assert make_client(measured.sam).get(address.format(**ids)).status_code == 404


def test_the_api_answers_the_same(measured: Bank) -> None:
    client = make_client(measured.ana)
    found = client.get(f"/api/v1/data-products/{measured.product.slug}/quality").json()
    assert found["score"] == {"percent": 90.0, "passed": 9, "evaluated": 10}
    assert (found["promised_percent"], found["is_kept"]) == (95.0, False)
    (table,) = found["tables"]
    assert table == client.get(f"/api/v1/tables/{measured.claims.pk}/quality").json()
    assert table["results"][0]["rules"][-1]["message"] is None
    listed = client.get(f"/api/v1/tables/{measured.claims.pk}/quality-results").json()
    assert len(listed["results"]) == 3


def test_promised_completeness_is_compared_with_the_rules_on_it(bank: Bank) -> None:
    bank.product.completeness_percent = Decimal("99.9")
    bank.product.availability_percent, bank.product.support_hours = Decimal("99.5"), "Mon to Fri"
    bank.product.save()
    page, quality = (
        f"/data-products/{bank.product.slug}/quality/",
        f"/api/v1/data-products/{bank.product.slug}/quality",
    )
    assert "99.9%, promised, not measured" in read(bank, page)
    missing = rule("no amount", RuleOutcome.FAILED, dimension=QualityDimension.COMPLETENESS)
    store_results(incoming=[incoming(bank.claims, [*rules(2), missing])], now=NOW)
    text = read(bank, page)
    assert "99.9%; 2 of 3 rules on completeness passed" in text
    assert "promised: at least 99.9%" in text
    for promise in ("99.5%", "Mon to Fri"):
        assert f"{promise}, promised, not measured" in text
    found = make_client(bank.ana).get(quality).json()
    assert (found["completeness"]["passed"], found["is_completeness_kept"]) == (2, False)
    bank.product.completeness_percent = Decimal(60)
    bank.product.save()
    assert make_client(bank.ana).get(quality).json()["is_completeness_kept"] is True
