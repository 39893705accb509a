"""The one tag change that accepting findings proposes, and its effects."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from catalog.classification.models import Finding
from catalog.mirror.glue_parser import CLASSIFICATION_TAG
from catalog.tag_changes.checks import MAX_ASSIGNMENTS
from catalog.tag_changes.preview import preview_tag_change
from identity.accounts import ConnectedCatalog
from identity.people.models import Person
from kernel.errors import RefusedError
from lakeformation.tagging import TagAssignment, TagChangeEffects, TagTarget


@dataclass(frozen=True)
class Acceptance:
    """What accepting these findings would propose. `effects.digest()` is posted back."""

    catalog: ConnectedCatalog
    findings: Sequence[Finding]
    assignments: Sequence[TagAssignment]
    effects: TagChangeEffects


def build_acceptance(person: Person, findings: Sequence[Finding]) -> Acceptance:
    """RefusedError unless all are of one catalog; else as `preview_tag_change`."""
    catalogs = {one.table.database.catalog for one in findings}
    if not catalogs:
        raise RefusedError(_("Select at least one column."), "findings")
    if len(catalogs) > 1:
        raise RefusedError(_("Select columns of one catalog at a time."), "findings")
    if len(findings) > MAX_ASSIGNMENTS:
        raise RefusedError(_("Select at most %(max)s columns.") % {"max": MAX_ASSIGNMENTS}, "findings")
    catalog = catalogs.pop()
    assignments = sorted(map(_build_assignment, findings), key=lambda one: one.target)
    effects = preview_tag_change(person, catalog=catalog, assignments=assignments)
    return Acceptance(catalog, findings, assignments, effects)


def _build_assignment(finding: Finding) -> TagAssignment:
    target = TagTarget(finding.table.database.name, finding.table.name, finding.column)
    return TagAssignment(target, CLASSIFICATION_TAG, finding.proposed_class)
