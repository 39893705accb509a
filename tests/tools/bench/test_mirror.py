"""`manage.py bench mirror`: a slice, for what it compares; not for how long things take."""

import json
from dataclasses import dataclass, field

import pytest

from catalog.search.facets import VALUE_LABELS
from demo.embedded.waits import NotSeenError
from portal.search.api.search import SearchPageOut
from tests.tools.bench.command import run_bench
from tools.bench.mirror import pages_during_sync
from tools.bench.mirror.datahub import has_columns
from tools.bench.mirror.pages_during_sync import HELD_ACCESS, wait_for_hits

NOTHING = (
    "rows written without changes",
    "tables that differ from Glue",
    "tables wrongly taken for changed",
    "fields that differ after changes",
)
SEEN = (
    "change of rights, until the search shows it",
    "95 % of pages while every table is read and written",
    "memory of the worker",
)


@dataclass
class FoundTotals:
    """A reader whose searches find these totals, one after the other; the last one again and again."""

    totals: list[int]
    addresses: list[str] = field(default_factory=list)

    def get(self, address: str) -> bytes:
        self.addresses.append(address)
        total = self.totals.pop(0) if len(self.totals) > 1 else self.totals[0]
        member = next(name for name, one in SearchPageOut().fields.items() if one.source == "total")
        return json.dumps({member: total}).encode()


@pytest.mark.all
def test_the_mirror_of_a_small_catalog_is_field_by_field_what_the_endpoint_lists() -> None:
    parts = ("--part", "sync", "--part", "pages")
    run = run_bench("mirror", "--quick", "--tables", "60", "--rounds", "1", *parts)
    run.check()
    assert {name: run.figures[name]["value"] for name in NOTHING} == dict.fromkeys(NOTHING, 0), run.errors
    assert all(run.figures[name]["value"] > 0 for name in SEEN)
    assert run.figures["full mirror"]["ratio_to"] == "bare boto3 listing"


def test_a_change_of_rights_is_seen_by_the_total_of_the_search() -> None:
    reader = FoundTotals([0, 0, 1])
    wait_for_hits(reader, 1)
    assert len(reader.addresses) == 3
    assert reader.addresses[0].endswith(f"/search?access={HELD_ACCESS}")
    assert HELD_ACCESS in VALUE_LABELS["access"]


def test_a_change_of_rights_that_is_not_seen_is_an_error_that_names_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pages_during_sync, "MAX_SECONDS", 0.0)
    with pytest.raises(NotSeenError, match="did not find 1 table after a change of rights"):
        wait_for_hits(FoundTotals([0]), 1)


def test_a_table_of_datahub_is_a_snapshot_with_columns() -> None:
    columns: dict[str, object] = {"com.linkedin.pegasus2avro.schema.SchemaMetadata": {"fields": []}}
    aspects = {
        "urn": "urn:li:dataset:1",
        "aspects": [{"com.linkedin.pegasus2avro.common.Status": {}}, columns],
    }
    assert has_columns({"proposedSnapshot": {"com.linkedin.pegasus2avro.DatasetSnapshot": aspects}})
    assert not has_columns({"entityType": "container", "aspectName": "status", "aspect": {"json": {}}})
