"""Evaluates a hypothetical request by the published policies and by a draft. Nothing is written."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from catalog.mirror.models import Table
from kernel.errors import RefusedError
from requests_app.access_requests.may import get_item_domain
from requests_app.policies.evaluation import parse_version_rules
from requests_app.policies.wording import describe_fact, describe_outcome_and_information, list_fired_rules
from requests_app.policy_editing.queries import PolicyScope
from requests_app.policy_editing.replay import replay_item
from requests_app.policy_engine.facts import NUMBER_FACTS, WORD_FACTS, PolicyFacts
from requests_app.policy_engine.verdict import PolicyVerdict
from requests_app.review.summary import serialize_for_people
from requests_app.submission.preview import RequestDraft, preview_item
from requests_app.targets.requested_item import RequestedItem

MAX_TABLES = 200
"""Names of tables to choose from."""


@dataclass(frozen=True)
class EvaluatedOutcome:
    """`text` is what becomes of the request; `fired_rules`, a line for each rule that applies."""

    text: str
    fired_rules: tuple[str, ...]


@dataclass(frozen=True)
class EvaluatedFact:
    """`value` is empty for what is not known."""

    name: str
    value: str


@dataclass(frozen=True)
class PolicyEvaluation:
    """`draft` is None where there is none."""

    published: EvaluatedOutcome
    draft: EvaluatedOutcome | None
    facts: tuple[EvaluatedFact, ...]


def evaluate_policies(
    scope: PolicyScope, draft: RequestDraft, requested_item: RequestedItem
) -> PolicyEvaluation:
    """For a request like this draft. RefusedError if it is invalid."""
    found = preview_item(draft, requested_item)
    if scope.domain is not None and get_item_domain(found.item) != scope.domain:
        raise RefusedError(_("This table now belongs to another domain."), "table")
    by_draft = (
        replay_item(found.item, found.facts, parse_version_rules(scope.draft), scope.domain)
        if scope.draft
        else None
    )
    verdict = found.verdict.to_json()
    return PolicyEvaluation(
        published=EvaluatedOutcome(
            describe_outcome_and_information(verdict, found.outcome_text), tuple(list_fired_rules(verdict))
        ),
        draft=_build_outcome(by_draft.after, has_plain_effects=found.is_plain) if by_draft else None,
        facts=_build_facts(found.facts),
    )


def list_tables(scope: PolicyScope) -> list[Table]:
    """Some that the scope's rules could meet, by name; those of all domains where it is global."""
    every = Table.objects.filter(tombstoned_at=None, database__tombstoned_at=None).select_related(
        "database__catalog"
    )
    mine = every.filter(database__domain=scope.domain) if scope.domain else every
    return list(mine.order_by("database__name", "name")[:MAX_TABLES])


def _build_outcome(verdict: PolicyVerdict, *, has_plain_effects: bool) -> EvaluatedOutcome:
    data: Mapping[str, Any] = verdict.to_json()
    return EvaluatedOutcome(
        describe_outcome_and_information(data if has_plain_effects else serialize_for_people(verdict)),
        tuple(list_fired_rules(data)),
    )


def _build_facts(facts: PolicyFacts) -> tuple[EvaluatedFact, ...]:
    words = {name: ", ".join(sorted(facts.words.get(name, ()))) for name in WORD_FACTS}
    numbers = {name: str(facts.numbers[name]) if name in facts.numbers else "" for name in NUMBER_FACTS}
    return tuple(
        EvaluatedFact(describe_fact(name, is_known=bool(value)), value)
        for name, value in (words | numbers).items()
    )
