"""Tag changes of one mesh: proposed by a steward, approved by whoever has to, and run until they are proven."""

from collections.abc import Sequence

from catalog.tag_changes.actions import propose_tag_change
from catalog.tag_changes.kind import TAG_CHANGE
from catalog.tag_changes.models import TagChange
from decisions.actions import approve_proposal
from fulfilment.intents.models import Intent
from identity.people.models import Person, PlatformRole
from kernel import clock
from lakeformation.tagging import TagAssignment, TagDefinition, TagTarget
from tests import factories
from tests.database import as_role
from tests.tag_keys import store_tag_keys
from tests.workers.engine_rounds import run_rounds_until
from tests.workers.lf_tag_grants import assign_tags
from tests.workers.mesh import Mesh


def make_tagged(mesh: Mesh) -> Mesh:
    """The table is gold in AWS and in the mirror, which knows all values of its key."""
    assign_tags(mesh)
    store_tag_keys(mesh.catalog, {mesh.database: ["gold", "none", "silver"]})
    return mesh


def make_steward() -> Person:
    steward = factories.make_person("Ruth Steward")
    with as_role("meshmarket_owner"):
        PlatformRole.objects.create(person=steward, role=PlatformRole.Role.STEWARD)
    return steward


def assign(mesh: Mesh, column: str, value: str | None) -> TagAssignment:
    return TagAssignment(TagTarget(mesh.database, mesh.table.name, column), mesh.database, value)


def propose(
    mesh: Mesh, assignments: Sequence[TagAssignment] = (), definitions: Sequence[TagDefinition] = ()
) -> TagChange:
    return propose_tag_change(
        acting_user=make_steward(), catalog=mesh.catalog, assignments=assignments, definitions=definitions,
        reason="It says who a customer is.", now=clock.now(),
    )  # fmt: skip


def approve(mesh: Mesh, change: TagChange, person: Person | None = None) -> TagChange:
    """By the data owner, if nobody else is named."""
    return approve_proposal(
        kind=TAG_CHANGE,
        acting_user=person or mesh.owner,
        pk=change.pk,
        effects_hash=change.effects_hash,
        comment="",
        now=clock.now(),
    )


def run_until_proven(change: TagChange, presence: str = "present") -> Intent:
    pk = change.intent_id
    assert pk is not None

    def is_proven() -> bool:
        one = Intent.objects.get(pk=pk)
        return one.presence == presence and one.is_proven

    run_rounds_until(is_proven)
    assert is_proven(), Intent.objects.get(pk=pk).failure
    return Intent.objects.get(pk=pk)
