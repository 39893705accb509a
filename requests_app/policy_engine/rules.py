"""One rule: when it fires, and what it then says."""

from dataclasses import dataclass
from enum import StrEnum

from requests_app.policy_engine.demands import NO_DEMANDS, Demands
from requests_app.policy_engine.facts import HELD, SAID, Facts


class Role(StrEnum):
    """Whose yes may be needed. The owner is of the producing domain; the lead, of the team that asks."""

    LEAD = "lead"
    OWNER = "owner"
    STEWARD = "steward"
    PRIVACY = "privacy"


@dataclass(frozen=True)
class Need:
    """So many different people in this role say yes, after every step before it is done."""

    role: Role
    quorum: int = 1
    step: int = 1


@dataclass(frozen=True)
class Condition:
    """What has to be so of one fact: one of the words, or with `negated` none of them; a number within its bounds."""

    fact: str
    words: frozenset[str] = frozenset()
    negated: bool = False
    least: int | None = None
    most: int | None = None

    def looked_for(self, facts: Facts) -> bool | None:
        """Whether anything of the ask is like this; None when that is not known."""
        if not self.words:
            return self._within(facts)
        found = facts.words.get(self.fact)
        if found is None:
            return None
        if self.negated:
            return not (found & self.words if self.fact in HELD else found <= self.words)
        return bool(found & self.words)

    def demanded(self, facts: Facts) -> bool | None:
        """Whether all of the ask is like this; None when that is not known, or only said by who asks."""
        if not self.words:
            return self._within(facts)
        found = facts.words.get(self.fact)
        if found is None or self.fact in SAID:
            return None
        if self.negated:
            return not found & self.words
        return bool(found & self.words) if self.fact in HELD else bool(found) and found <= self.words

    def _within(self, facts: Facts) -> bool | None:
        number = facts.numbers.get(self.fact)
        if number is None:
            return None
        return (self.least is None or number >= self.least) and (self.most is None or number <= self.most)


@dataclass(frozen=True)
class Effect:
    """What a rule says. `automatic` stands alone, and says yes for the owner; all else only tightens: people
    whose yes is needed, words with which the ask is refused, classes and names of columns that are left out, days
    that it lasts at most, what has to be said or accepted with the ask.
    """

    automatic: bool = False
    needs: tuple[Need, ...] = ()
    refused: str = ""
    without_classes: frozenset[str] = frozenset()
    without_columns: frozenset[str] = frozenset()
    most_days: int | None = None
    demands: Demands = NO_DEMANDS


@dataclass(frozen=True)
class Rule:
    """`domain` is the slug of the domain whose rule it is, empty for a global one; `version`, of its policy."""

    name: str
    when: tuple[Condition, ...]
    then: Effect
    domain: str = ""
    version: int = 0

    def fires(self, facts: Facts) -> tuple[str, ...] | None:
        """None when it does not; else the facts that are not known. What is not known satisfies a rule that
        tightens, and never one that says yes by itself: a global one never does.
        """
        if self.domain and facts.words.get("domain") != frozenset({self.domain}):
            return None
        if self.then.automatic:
            says = bool(self.domain) and all(one.demanded(facts) for one in self.when)
            return () if says else None
        unknown = []
        for one in self.when:
            holds = one.looked_for(facts)
            if holds is False:
                return None
            if holds is None:
                unknown.append(one.fact)
        return tuple(unknown)
