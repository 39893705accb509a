"""What would become of one ask that nobody has made, by the rules in force and by a draft. Nothing is written."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from catalog.mirror.models import Table
from identity.accounts.models import Principal
from identity.errors import RefusedError
from identity.people.models import Person
from requests_app.access_requests.may import get_item_domain
from requests_app.policies.evaluation import rules_of
from requests_app.policies.wording import fact_words, fired_lines, what_is_wanted
from requests_app.policy_editing.queries import Scope
from requests_app.policy_editing.replay import replayed
from requests_app.policy_engine.facts import NUMBERS, WORDS, Facts
from requests_app.policy_engine.verdict import PolicyVerdict
from requests_app.review.policy_summary import by_people
from requests_app.submission.forecast import Words, foreseen
from requests_app.targets.item_ask import RequestedItem

MOST_OFFERED = 200
"""Names of tables to choose from."""


@dataclass(frozen=True)
class Judged:
    """`happens` is what becomes of the ask; `fired`, a line for each rule that has something to say."""

    happens: str
    fired: tuple[str, ...]


@dataclass(frozen=True)
class Fact:
    """`said` is empty for what is not known."""

    name: str
    said: str


@dataclass(frozen=True)
class WhatIf:
    """`draft` is None where there is none."""

    in_force: Judged
    draft: Judged | None
    facts: tuple[Fact, ...]


def what_if(
    scope: Scope,
    *,
    person: Person,
    principal: Principal,
    ask: RequestedItem,
    purpose: str,
    days: int,
    now: datetime,
) -> WhatIf:
    """For an ask of this person's until so many days from now. RefusedError when it does not stand."""
    ends_at = now + timedelta(days=days)
    found = foreseen(Words(person, principal, purpose, ends_at, now), ask)
    if scope.domain is not None and get_item_domain(found.item) != scope.domain:
        raise RefusedError(_("Another domain answers for this table."), "table")
    by_draft = replayed(found.item, found.facts, rules_of(scope.draft), scope.domain) if scope.draft else None
    said = found.verdict.to_json()
    return WhatIf(
        in_force=Judged(what_is_wanted(said, found.happens), tuple(fired_lines(said))),
        draft=_judged(by_draft.after, is_plain=found.is_plain) if by_draft else None,
        facts=_facts(found.facts),
    )


def tables_of(scope: Scope) -> list[Table]:
    """Some that the scope's rules could meet, by name; those of all domains where it is global."""
    every = Table.objects.filter(tombstoned_at=None, database__tombstoned_at=None).select_related(
        "database__catalog"
    )
    mine = every.filter(database__domain=scope.domain) if scope.domain else every
    return list(mine.order_by("database__name", "name")[:MOST_OFFERED])


def _judged(verdict: PolicyVerdict, *, is_plain: bool) -> Judged:
    said: Mapping[str, Any] = verdict.to_json()
    return Judged(what_is_wanted(said if is_plain else by_people(verdict)), tuple(fired_lines(said)))


def _facts(facts: Facts) -> tuple[Fact, ...]:
    words = {name: ", ".join(sorted(facts.words.get(name, ()))) for name in WORDS}
    numbers = {name: str(facts.numbers[name]) if name in facts.numbers else "" for name in NUMBERS}
    return tuple(
        Fact(fact_words(name, is_known=bool(said)), said) for name, said in (words | numbers).items()
    )
