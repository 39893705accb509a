"""Replays other policies on past requests."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from django.db.models import Q, QuerySet

from catalog.products.models import Domain
from kernel.queries import limit_rows
from requests_app.access_requests.may import get_item_domain
from requests_app.access_requests.models import RequestItem
from requests_app.access_requests.queries import ITEM_RELATED_FIELDS
from requests_app.policies.evaluation import parse_version_rules
from requests_app.policies.models import PolicyVersion
from requests_app.policies.states import PolicyState
from requests_app.policy_engine.facts import PolicyFacts
from requests_app.policy_engine.rules import Rule
from requests_app.policy_engine.verdict import PolicyOutcome, PolicyVerdict, evaluate_rules

MAX_REPLAYED = 1000
"""Of the latest requests."""


class ReplayChange(StrEnum):
    """What other rules would make of a request: the same, something stricter or looser, or a rejection."""

    SAME = "same"
    STRICTER = "stricter"
    LOOSER = "looser"
    REJECTED = "rejected"


@dataclass(frozen=True)
class ReplayedItem:
    """One request item, with the verdict of the published rules and that of the others."""

    item: RequestItem
    before: PolicyVerdict
    after: PolicyVerdict

    @property
    def differs(self) -> bool:
        """In what becomes of it, whichever rules say so."""
        return _summarize(self.before) != _summarize(self.after)

    @property
    def change(self) -> ReplayChange:
        if not self.differs:
            return ReplayChange.SAME
        if self.after.outcome is PolicyOutcome.REFUSED:
            return ReplayChange.REJECTED
        if self.before.outcome is PolicyOutcome.REFUSED:
            return ReplayChange.LOOSER
        is_stricter = self.is_escalated or self.requires_more
        return ReplayChange.STRICTER if is_stricter else ReplayChange.LOOSER

    @property
    def is_escalated(self) -> bool:
        """It would need more people than now."""
        return self.after.outcome is PolicyOutcome.NEEDS_REVIEW and self.differs and not self._is_relaxed

    @property
    def requires_more(self) -> bool:
        """The requester would have to say or accept something that is not required now."""
        before, after = self.before.required_information, self.after.required_information
        return bool(set(after.fields) - set(before.fields) or set(after.texts) - set(before.texts))

    @property
    def _is_relaxed(self) -> bool:
        more = {need.role: need.quorum for need in self.before.needs}
        fewer = all(more.get(need.role, 0) >= need.quorum for need in self.after.needs)
        return self.before.outcome is not PolicyOutcome.AUTOMATIC and fewer


@dataclass(frozen=True)
class PolicyReplay:
    """`automatic_count` and `refused_count`: decided so by the rules; `escalated_count`: those that need more
    people than now; `requiring_more_count`: those that need more information; `changed_items`: those of
    which something else would become.
    """

    replayed_count: int
    automatic_count: int
    escalated_count: int
    refused_count: int
    requiring_more_count: int
    items: tuple[ReplayedItem, ...]

    @property
    def changed_items(self) -> tuple[ReplayedItem, ...]:
        return tuple(row for row in self.items if row.differs)


def replay_rules(
    rules: Iterable[Rule], domain: Domain | None, items: QuerySet[RequestItem] | None = None
) -> PolicyReplay:
    """Replay `rules` in place of the published ones of their scope, on past requests or on these. Two queries."""
    asked = list_past_items(domain) if items is None else items
    standing, others = _read_published_rules(), tuple(rules)
    rows = [_replay(item, PolicyFacts.from_json(item.facts), others, domain, standing) for item in asked]
    outcomes = Counter(row.after.outcome for row in rows)
    return PolicyReplay(
        replayed_count=len(rows),
        automatic_count=outcomes[PolicyOutcome.AUTOMATIC],
        escalated_count=sum(row.is_escalated for row in rows),
        refused_count=outcomes[PolicyOutcome.REFUSED],
        requiring_more_count=sum(row.requires_more for row in rows),
        items=tuple(rows),
    )


def list_past_items(domain: Domain | None) -> QuerySet[RequestItem]:
    """The latest requests whose facts were kept, of the domain or of all."""
    kept = RequestItem.objects.exclude(facts={}).select_related(*ITEM_RELATED_FIELDS).order_by("-pk")
    if domain is not None:
        kept = kept.filter(
            Q(table__database__domain=domain) | Q(table__database__domain=None, product__domain=domain)
        )
    return limit_rows(kept, MAX_REPLAYED)


def _read_published_rules() -> dict[int | None, tuple[Rule, ...]]:
    policy_versions = PolicyVersion.objects.filter(state=PolicyState.PUBLISHED).select_related("domain")
    return {version.domain_id: parse_version_rules(version) for version in policy_versions}


def replay_item(
    item: RequestItem, facts: PolicyFacts, rules: Iterable[Rule], domain: Domain | None
) -> ReplayedItem:
    """One request, saved or not, with these facts. One query."""
    return _replay(item, facts, tuple(rules), domain, _read_published_rules())


def _replay(
    item: RequestItem,
    facts: PolicyFacts,
    rules: tuple[Rule, ...],
    domain: Domain | None,
    standing: dict[int | None, tuple[Rule, ...]],
) -> ReplayedItem:
    its = get_item_domain(item)
    scopes = [None, its.pk if its else None]
    other = standing | {domain.pk if domain else None: rules}
    before, after = (
        [one for scope in dict.fromkeys(scopes) for one in of.get(scope, ())] for of in (standing, other)
    )
    return ReplayedItem(item, evaluate_rules(before, facts), evaluate_rules(after, facts))


def _summarize(verdict: PolicyVerdict) -> tuple[object, ...]:
    if verdict.outcome is PolicyOutcome.AUTOMATIC:
        return (verdict.outcome, verdict.required_information)
    refused = (verdict.refusals, verdict.excluded_columns, verdict.most_days)
    return (verdict.outcome, verdict.needs, *refused, verdict.required_information)
