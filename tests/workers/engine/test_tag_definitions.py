"""Keys and values of LF-Tags are defined and removed through the engine, on a governance admin's approval."""

import pytest

from catalog.mirror.models import TagKey
from fulfilment.intents.models import Intent
from fulfilment.permissions.models import DriftFinding
from identity.people.models import Person
from kernel.errors import RefusedError
from lakeformation.drift import DifferenceKind
from lakeformation.tagging import TagAssignment, TagDefinition, TagTarget
from tests import factories
from tests.tag_keys import store_tag_keys
from tests.workers.engine_rounds import run_rounds_until
from tests.workers.lf_tag_changes import approve, assign, make_tagged, propose, run_until_proven
from tests.workers.mesh import Mesh


@pytest.fixture
def tagged(mesh: Mesh) -> Mesh:
    return make_tagged(mesh)


@pytest.fixture
def greta(db: None) -> Person:
    return factories.make_admin()


def read_values(mesh: Mesh, key: str) -> list[str]:
    return sorted(mesh.governance_client().get_lf_tag(TagKey=key)["TagValues"])


def test_a_key_is_defined_before_it_is_assigned(tagged: Mesh, greta: Person) -> None:
    key = f"centre_{tagged.database}"
    target = TagTarget(tagged.database, tagged.table.name)
    change = propose(tagged, [TagAssignment(target, key, "4711")], [TagDefinition(key, ("4711", "4712"))])
    assert approve(tagged, change).intent is None  # A governance admin approves the key.
    run_until_proven(approved := approve(tagged, change, greta))
    assert read_values(tagged, key) == ["4711", "4712"]
    assert TagKey.objects.get(key=key).values == ["4711", "4712"]
    assert approved.approvals.count() == 2


def test_a_value_is_removed_once_nothing_carries_it(tagged: Mesh, greta: Person) -> None:
    key = tagged.database
    with pytest.raises(RefusedError, match="still assigned"):
        propose(tagged, definitions=[TagDefinition(key, removed=("gold",))])
    run_until_proven(
        approve(tagged, propose(tagged, definitions=[TagDefinition(key, removed=("silver",))]), greta)
    )
    assert read_values(tagged, key) == ["gold", "none"]
    with pytest.raises(RefusedError, match="Define it first"):
        propose(tagged, [assign(tagged, "gender", "silver")])
    back = approve(tagged, propose(tagged, definitions=[TagDefinition(key, ("silver",))]), greta)
    run_until_proven(back)
    assert read_values(tagged, key) == ["gold", "none", "silver"]


def test_a_value_that_somebody_deletes_is_told_and_repaired(tagged: Mesh, greta: Person) -> None:
    key = tagged.database
    change = approve(tagged, propose(tagged, definitions=[TagDefinition(key, ("bronze",))]), greta)
    intent = run_until_proven(change)
    tagged.governance_client().update_lf_tag(TagKey=key, TagValuesToDelete=["bronze"])
    store_tag_keys(tagged.catalog, {key: ["gold", "none", "silver"]})
    run_rounds_until(lambda: DriftFinding.objects.filter(kind=DifferenceKind.TAGS_CHANGED).exists())
    assert DriftFinding.objects.get(kind=DifferenceKind.TAGS_CHANGED).text == f"LF-Tag {key} lacks bronze"
    run_rounds_until(lambda: "bronze" in read_values(tagged, key))
    run_rounds_until(lambda: Intent.objects.get(pk=intent.pk).presence == "present")
    tagged.run_rounds(4)
    assert not DriftFinding.objects.filter(kind=DifferenceKind.TAGS_CHANGED, gone_at=None).exists()
