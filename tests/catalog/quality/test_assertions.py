"""Quality facets of lineage events."""

from typing import Any

import pytest

from catalog.lineage.actions import match_dataset
from catalog.lineage.models import LineageDataset
from catalog.quality.actions import adopt_matched_datasets
from catalog.quality.intake import receive_assertions
from catalog.quality.models import QualityMeasure, QualityResult, QualityRuleset, QualitySource
from tests import factories
from tests.bank import Bank
from tests.catalog.lineage.samples import NOW, run_event, send

pytestmark = pytest.mark.django_db
FACETS: dict[str, Any] = {
    "dataQualityAssertions": {
        "assertions": [
            {"assertion": "not_null", "success": True, "column": "claim_id"},
            {"assertion": "unique", "success": False, "column": "claim_id", "severity": "warn"},
        ]
    },
    "dataQualityMetrics": {
        "rowCount": 40,
        "columnMetrics": {"claim_id": {"nullCount": 2, "distinctCount": 38}},
    },
}


def make_event(name: str = "claims", place: str = "inputFacets", facets: Any = FACETS) -> dict[str, Any]:
    dataset = {"namespace": "s3://lake", "name": name, "facets": {}, place: facets}
    return run_event(inputs=[dataset], outputs=[], job="test_claims")


def place_claims(bank: Bank) -> None:
    bank.claims.location = "s3://lake/claims"
    bank.claims.save(update_fields=["location"])


def receive(bank: Bank, event: dict[str, Any]) -> int:
    assert not send(bank.insurance, event).faults
    return receive_assertions(team_id=bank.insurance.pk, events=[event], now=NOW)


@pytest.mark.parametrize("place", ["facets", "inputFacets"])
def test_assertions_become_a_result(bank: Bank, place: str) -> None:
    place_claims(bank)
    event = make_event(place=place)
    assert (receive(bank, event), receive(bank, event)) == (1, 1)
    result = QualityResult.objects.get()
    assert (result.passed, result.evaluated) == (1, 2)
    assert (result.ruleset.source, result.ruleset.table) == (QualitySource.OPENLINEAGE, bank.claims)
    assert result.rules[1]["dimension"] == "uniqueness"
    measures = QualityMeasure.objects.order_by("kind").values_list("kind", "column", "value")
    assert list(measures) == [("distinct", "claim_id", 38), ("nulls", "claim_id", 0.05), ("rows", "", 40)]


def test_a_result_waits_for_its_table(bank: Bank) -> None:
    receive(bank, make_event())
    assert QualityRuleset.objects.get().table is None
    dataset = LineageDataset.objects.get()
    match_dataset(acting_user=bank.ines, dataset_id=dataset.pk, table_id=bank.claims.pk, now=NOW)
    assert adopt_matched_datasets(now=NOW) == 1
    assert QualityRuleset.objects.get().table == bank.claims
    match_dataset(acting_user=bank.ines, dataset_id=dataset.pk, table_id=None, now=NOW)
    adopt_matched_datasets(now=NOW)
    assert QualityRuleset.objects.get().table is None


def test_assertions_of_another_team_do_not_count(bank: Bank) -> None:
    place_claims(bank)
    other = factories.make_team("Other")
    send(other, make_event())
    receive_assertions(team_id=other.pk, events=[make_event()], now=NOW)
    assert adopt_matched_datasets(now=NOW) == 0
    assert QualityRuleset.objects.get().table is None


@pytest.mark.parametrize(
    "facet",
    [{"assertions": "x"}, {"assertions": [1, {"assertion": 3}, {"assertion": "a", "success": "yes"}]}, {}],
)
def test_what_is_no_assertion_is_passed_over(bank: Bank, facet: Any) -> None:
    event = make_event(facets={"dataQualityAssertions": facet, "dataQualityMetrics": {"columnMetrics": [1]}})
    assert receive_assertions(team_id=bank.insurance.pk, events=[event], now=NOW) == 0
