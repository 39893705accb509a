"""Items selected for a bulk decision: the effects of each, and whether they are similar enough."""

from collections.abc import Collection
from dataclasses import dataclass

from identity.people.models import Person
from kernel.errors import NotFoundError
from kernel.verdicts import Verdict
from lakeformation.effects.table_effects import Effects
from requests_app.access_requests.may import HAS_ACTIVE_REQUESTER
from requests_app.access_requests.models import RequestItem
from requests_app.access_requests.queries import prefetch_item_rows
from requests_app.page_counts import get_page_counts
from requests_app.policies.wording import list_fired_rules
from requests_app.policy_engine.verdict import compute_verdict_digest
from requests_app.review.bulk.models import BulkDecision
from requests_app.review.bulk.similarity import (
    ItemSimilarity,
    group_similar,
    may_decide_together,
)
from requests_app.review.queries import list_decidable_items
from requests_app.review.risk import build_risk_facts
from requests_app.review.terms import compute_approval_hash


@dataclass(frozen=True)
class BulkCandidate:
    """An item with the effects of approving it. `steps` are the calls to AWS, each once, in their order."""

    item: RequestItem
    effects: Effects
    similarity: ItemSimilarity
    steps: tuple[str, ...] = ()

    @property
    def effects_hash(self) -> str:
        return compute_approval_hash(self.item, self.effects)

    @property
    def policy_hash(self) -> str:
        return compute_verdict_digest(self.item.verdict) if self.item.verdict else ""


@dataclass(frozen=True)
class BulkGroup:
    """Candidates that may be decided together."""

    candidates: tuple[BulkCandidate, ...]
    verdict: Verdict

    @property
    def similarity(self) -> ItemSimilarity:
        return self.candidates[0].similarity

    @property
    def has_different_steps(self) -> bool:
        return len({frozenset(candidate.steps) for candidate in self.candidates}) > 1


@dataclass(frozen=True)
class BulkSelection:
    """The items in the order in which they were submitted, and the verdict on all of them."""

    candidates: tuple[BulkCandidate, ...]
    verdict: Verdict

    def build_groups(self) -> tuple[BulkGroup, ...]:
        """Without candidates, no group."""
        positions = group_similar([row.similarity for row in self.candidates])
        members = [tuple(self.candidates[position] for position in group) for group in positions]
        return tuple(
            BulkGroup(group, may_decide_together([row.similarity for row in group])) for group in members
        )


def select_for_bulk(person: Person, ids: Collection[int]) -> BulkSelection:
    """Selects the items on which this person may decide; without what was decided in the meantime, what is not theirs, and what
    somebody who has left requested.
    """
    mine = list_decidable_items(person).filter(HAS_ACTIVE_REQUESTER, pk__in=ids)
    items = prefetch_item_rows(mine).prefetch_related("table__columns").order_by("pk")
    rows = tuple(build_candidate(item) for item in items)
    return BulkSelection(rows, may_decide_together([row.similarity for row in rows]))


def build_candidate(item: RequestItem) -> BulkCandidate:
    found = item.target.preview()
    facts = build_risk_facts(item, found.effects)
    target = item.target
    likeness = ItemSimilarity(
        effects=target.extent_fact if target.is_single_table else "many",
        classification=facts.classification,
        is_outside_organisation=facts.is_outside_organisation,
        rules=frozenset([*found.effects.refusals, *list_fired_rules(item.verdict), *item.waits_for]),
        has_widening=facts.has_widening,
        offer=item.offer_id,
    )
    steps = tuple(dict.fromkeys(call.operation for call in found.plan_calls()))
    return BulkCandidate(item, found.effects, likeness, steps)


def get_bulk_decision(person: Person, pk: int) -> BulkDecision:
    """A decision of the person's own with its items. NotFoundError."""
    rows = BulkDecision.objects.filter(person=person).prefetch_related(
        "lines__item__table__database", "lines__item__product", "lines__item__request__team"
    )
    found = rows.filter(pk=pk).first()
    if found is None:
        raise NotFoundError
    return found


def list_open_bulk_decisions(person: Person) -> list[BulkDecision]:
    """What the person decided and what is not carried out yet. One query; for a page that only reads, mostly none."""
    if person.uses_request_cache and not get_page_counts(person).has_cancellable_bulk_decision:
        return []
    return list(BulkDecision.objects.filter(person=person, done_at=None, undone_at=None).order_by("due_at"))
