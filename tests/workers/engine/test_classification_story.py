"""Ruth classifies 40 columns in one proposal: the access of two consumers narrows exactly as it was shown."""

import pytest

from catalog.mirror.models import Column
from demo.bank.accounts import BI, PARTNER
from tests.workers.engine.test_registration_reach import Cell, list_principals, list_readable
from tests.workers.lf_tag_changes import approve, assign, make_tagged, propose, run_until_proven
from tests.workers.lf_tag_grants import grant_by_tags
from tests.workers.mesh import Mesh

CLASSIFIED = [f"attribute_{number:02}" for number in range(40)]
OTHERS = ["policy_id", "gender", "attribute_40"]


@pytest.fixture
def wide(mesh: Mesh) -> Mesh:
    """The table has 41 columns more, all of them gold."""
    glue, names = mesh.governance_client("glue"), [*CLASSIFIED, "attribute_40"]
    place = {"DatabaseName": mesh.database, "Name": mesh.table.name}
    found = glue.get_table(**place)["Table"]
    storage = found["StorageDescriptor"]
    storage["Columns"] += [{"Name": name, "Type": "string"} for name in names]
    kept = {key: found[key] for key in ("Name", "PartitionKeys", "TableType", "Parameters") if key in found}
    glue.update_table(DatabaseName=mesh.database, TableInput={**kept, "StorageDescriptor": storage})
    first = Column.objects.filter(table=mesh.table).count()
    Column.objects.bulk_create(
        Column(table=mesh.table, position=first + number, name=name, type="string")
        for number, name in enumerate(names)
    )
    return make_tagged(mesh)


def test_access_narrows_exactly_as_shown(wide: Mesh) -> None:
    for account in (BI, PARTNER):
        wide.run_until_presence(grant_by_tags(wide, account), "present")
    wide.run_until_presence(wide.grant([CLASSIFIED[0]], BI), "present")
    everyone = list_principals(wide)
    columns = [(wide.database, wide.table.name, name) for name in (*CLASSIFIED, *OTHERS)]
    before = list_readable(wide, columns, everyone)
    change = propose(wide, [assign(wide, name, "none") for name in CLASSIFIED])
    run_until_proven(approve(wide, change))
    after = list_readable(wide, columns, everyone)
    shown: set[Cell] = {
        (one["principal"], one["database"], one["table"], name)
        for one in change.effects["access"]
        for name in one["lost"]
    }
    assert before - after == shown
    assert after <= before
    assert len(shown) == 2 * len(CLASSIFIED) - 1  # BI reads the first by name as well.
    assert [one["kept"] for one in change.effects["access"] if one["kept"]] == [[CLASSIFIED[0]]]
