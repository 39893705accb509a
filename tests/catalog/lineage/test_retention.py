"""Old runs and lineage that nothing names any more are deleted; the rest stays."""

from datetime import timedelta

from catalog.lineage.models import (
    ColumnEdge,
    LineageDataset,
    LineageJob,
    LineageRun,
    TableEdge,
    delete_old_lineage,
)
from catalog.lineage.view_lineage import trace_view
from tests.bank import Bank
from tests.catalog.lineage.samples import NOON, columns_from, dataset, place_table, run_event, send
from tests.database import as_role


def test_old_runs_go_first_and_old_lineage_later(bank: Bank) -> None:
    facet = columns_from({"a": [("raw", "a")]})
    send(bank.insurance, run_event(outputs=(dataset("clean", columnLineage=facet),)))
    view = place_table(bank.claims.database, "v", view={"text": "SELECT * FROM claims"})
    with as_role("meshmarket_worker"):
        trace_view(view.pk, NOON)
        delete_old_lineage(now=NOON + timedelta(days=200))
        assert (LineageRun.objects.count(), TableEdge.objects.count()) == (0, 2)
        delete_old_lineage(now=NOON + timedelta(days=500))
    assert list(LineageJob.objects.values_list("kind", flat=True)) == ["view"]
    assert set(ColumnEdge.objects.values_list("job__kind", flat=True)) == {"view"}
    assert not LineageDataset.objects.filter(name__in=["raw", "clean"]).exists()
