"""What a proposed tag change would do, before it is proposed."""

from collections.abc import Sequence

from catalog.tag_changes.checks import check_tag_change
from catalog.tag_changes.effects import compute_tag_change_effects
from catalog.tag_changes.may import may_propose_tag_change
from catalog.tag_changes.queries import list_managed_assignments
from identity.accounts import ConnectedCatalog
from identity.people.models import Person
from kernel.errors import require_allowed
from lakeformation.tagging import TagAssignment, TagChangeEffects, TagDefinition


def preview_tag_change(
    person: Person,
    *,
    catalog: ConnectedCatalog,
    assignments: Sequence[TagAssignment],
    definitions: Sequence[TagDefinition] = (),
) -> TagChangeEffects:
    """For whoever may propose it. ForbiddenError; RefusedError naming what is wrong."""
    effects = compute_proposed_effects(catalog, assignments, definitions)
    require_allowed(may_propose_tag_change(person, effects.teams, defines=bool(definitions)))
    return effects


def compute_proposed_effects(
    catalog: ConnectedCatalog, assignments: Sequence[TagAssignment], definitions: Sequence[TagDefinition]
) -> TagChangeEffects:
    """RefusedError naming what is wrong."""
    defined, assigned = check_tag_change(catalog, definitions, assignments)
    return compute_tag_change_effects(catalog, defined, assigned, list_managed_assignments(catalog))
