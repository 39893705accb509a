"""Assertions in events of OpenLineage."""

from datetime import UTC, datetime
from typing import Any

import pytest

from catalog.quality.formats.reports import read_dataset_report

AT = datetime(2026, 11, 28, 2, 0, tzinfo=UTC)
FACET = {
    "_producer": "https://github.com/OpenLineage/OpenLineage/tree/1.40.0/integration/dbt",
    "_schemaURL": "https://openlineage.io/spec/facets/1-0-1/DataQualityAssertionsDatasetFacet.json",
    "assertions": [
        {"assertion": "not_null", "success": True, "column": "claim_id"},
        {"assertion": "unique", "success": False, "column": "claim_id", "severity": "warn", "actual": "3", "expected": "0"},
        {"assertion": "accepted_values", "success": False, "column": "region", "actual": "south", "expected": "north"},
    ],
}  # fmt: skip


@pytest.mark.parametrize("place", ["inputFacets", "facets"])
def test_assertions_of_a_dataset(place: str) -> None:
    dataset = {"namespace": "s3://bank", "name": "insurance/claims", place: {"dataQualityAssertions": FACET}}
    report = read_dataset_report(dataset, AT)
    assert report is not None
    assert (report.tool, report.dataset_name, report.finished_at) == (
        "openlineage",
        "s3://bank/insurance/claims",
        AT,
    )
    filled, unique, region = report.rules
    assert (filled.passed, filled.column, filled.dimension) == (True, "claim_id", "completeness")
    assert (unique.passed, unique.is_warning, unique.observed, unique.expected) == (False, True, "3", "0")
    assert (region.observed, region.expected) == ("", "")


@pytest.mark.parametrize(
    "dataset",
    [
        {},
        {"facets": None, "inputFacets": []},
        {"inputFacets": {"dataQualityAssertions": None}},
        {"inputFacets": {"dataQualityAssertions": {"assertions": {}}}},
        {"inputFacets": {"dataQualityAssertions": {"assertions": [1, None]}}},
    ],
)
def test_a_dataset_without_assertions_has_no_report(dataset: dict[str, Any]) -> None:
    assert read_dataset_report(dataset, AT) is None
