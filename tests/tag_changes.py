"""Tag changes of the small bank: Ruth, a steward, proposes; Insurance's data owners decide."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from catalog.mirror.models import Column, Table
from catalog.tag_changes.actions import propose_tag_change
from catalog.tag_changes.kind import TAG_CHANGE
from catalog.tag_changes.models import TagChange
from decisions.actions import approve_proposal
from demo.embedded.database_roles import WORKER
from fulfilment.observations.models import ObservedPermission
from identity.people.models import Person, PlatformRole
from kernel import clock
from lakeformation.tagging import TagAssignment, TagDefinition, TagTarget
from lakeformation.values.column_sets import ALL_COLUMNS
from lakeformation.values.permissions import SELECT
from lakeformation.values.tag_expressions import TagExpression, TagPolicy
from tests import factories
from tests.bank import Bank
from tests.database import as_role
from tests.tag_keys import store_tag_keys

KEY = "confidentiality"
VALUES = ("private", "public", "sensitive")
OUTSIDER = "arn:aws:iam::111122223333:role/outsider"


@dataclass
class TaggingBank:
    """The bank, whose claims are private by a tag that AWS has."""

    bank: Bank
    ruth: Person

    def assign(self, column: str, value: str | None = "sensitive") -> TagAssignment:
        claims = self.bank.claims
        return TagAssignment(TagTarget(claims.database.name, claims.name, column), KEY, value)

    def propose(
        self,
        assignments: Sequence[TagAssignment] | None = None,
        definitions: Sequence[TagDefinition] = (),
        *,
        by: Person | None = None,
        **more: Any,
    ) -> TagChange:
        """That the amount is sensitive, if nothing else is said."""
        wanted = [self.assign("amount")] if assignments is None else assignments
        return propose_tag_change(
            acting_user=by or self.ruth, catalog=self.bank.catalog, assignments=wanted, definitions=definitions,
            reason="It says who a customer is.", now=clock.now(), **more,
        )  # fmt: skip

    def approve(self, change: TagChange, by: Person | None = None, **more: Any) -> TagChange:
        words = {"effects_hash": change.effects_hash, "comment": "", "now": clock.now(), **more}
        return approve_proposal(kind=TAG_CHANGE, acting_user=by or self.bank.ines, pk=change.pk, **words)

    def observe_reader(self, value: str = "private", principal: str = OUTSIDER) -> None:
        """AWS lists a principal that reads by the tag."""
        policy = TagPolicy("TABLE", TagExpression.from_values({KEY: [value]}))
        with as_role(WORKER):
            ObservedPermission.objects.create(
                catalog=self.bank.catalog, principal_arn=principal, database="", table="", verb=SELECT, tagged=policy.key,
                policy=policy.to_json(), columns=ALL_COLUMNS.to_json(), seen_at=clock.now(),
            )  # fmt: skip


def make_tagging_bank(bank: Bank) -> TaggingBank:
    ruth = factories.make_person("Ruth Steiner")
    with as_role("meshmarket_owner"):
        PlatformRole.objects.create(person=ruth, role=PlatformRole.Role.STEWARD)
    Table.objects.filter(pk=bank.claims.pk).update(tags={KEY: "private"})
    Column.objects.filter(table=bank.claims).update(tags={KEY: "private"})
    store_tag_keys(bank.catalog, {KEY: VALUES})
    return TaggingBank(bank, ruth)
