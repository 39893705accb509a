"""One rule: when it fires, and its effect."""

from dataclasses import dataclass
from enum import StrEnum

from requests_app.policy_engine.facts import ANY_MATCH_FACTS, FREE_TEXT_FACTS, PolicyFacts
from requests_app.policy_engine.required_information import NOTHING_REQUIRED, RequiredInformation


class DeciderRole(StrEnum):
    """Roles whose approval a rule may require. The owner belongs to the producing domain, the lead to the requesting team."""

    LEAD = "lead"
    OWNER = "owner"
    STEWARD = "steward"
    PRIVACY = "privacy"


@dataclass(frozen=True)
class RequiredApproval:
    """So many different people in this role approve, after every earlier step is done."""

    role: DeciderRole
    quorum: int = 1
    step: int = 1


@dataclass(frozen=True)
class RuleCondition:
    """What has to be so of one fact: one of the words, or with `negated` none of them; a number within its bounds."""

    fact: str
    words: frozenset[str] = frozenset()
    negated: bool = False
    minimum: int | None = None
    maximum: int | None = None

    def matches_any(self, facts: PolicyFacts) -> bool | None:
        """Whether any part of the request matches; None if not known."""
        if not self.words:
            return self._within(facts)
        found = facts.words.get(self.fact)
        if found is None:
            return None
        if self.negated:
            return not (found & self.words if self.fact in ANY_MATCH_FACTS else found <= self.words)
        return bool(found & self.words)

    def matches_all(self, facts: PolicyFacts) -> bool | None:
        """Whether the whole request matches; None if not known, or only stated by the requester."""
        if not self.words:
            return self._within(facts)
        found = facts.words.get(self.fact)
        if found is None or self.fact in FREE_TEXT_FACTS:
            return None
        if self.negated:
            return not found & self.words
        return (
            bool(found & self.words) if self.fact in ANY_MATCH_FACTS else bool(found) and found <= self.words
        )

    def _within(self, facts: PolicyFacts) -> bool | None:
        number = facts.numbers.get(self.fact)
        if number is None:
            return None
        return (self.minimum is None or number >= self.minimum) and (
            self.maximum is None or number <= self.maximum
        )


@dataclass(frozen=True)
class RuleEffect:
    """What a rule says. `automatic` excludes the others and approves for the data owner. The others only restrict:
    needed approvals, the refusal's text, classes and names of excluded columns, the maximum days, and required
    information. `keep_recreated_by` says nothing of requests: the ARNs of pipeline roles; a table that one of them created
    again, with the same columns and location, keeps its grants.
    """

    automatic: bool = False
    keep_recreated_by: frozenset[str] = frozenset()
    needs: tuple[RequiredApproval, ...] = ()
    refusal: str = ""
    excluded_classifications: frozenset[str] = frozenset()
    excluded_columns: frozenset[str] = frozenset()
    most_days: int | None = None
    required_information: RequiredInformation = NOTHING_REQUIRED


@dataclass(frozen=True)
class Rule:
    """`domain` is the slug of the domain whose rule it is, empty for a global one; `version`, of its policy."""

    name: str
    when: tuple[RuleCondition, ...]
    then: RuleEffect
    domain: str = ""
    version: int = 0

    def fires(self, facts: PolicyFacts) -> tuple[str, ...] | None:
        """None when it does not; else the facts that are not known. What is not known satisfies a rule that
        restricts, and never one that approves automatically.
        """
        if self.then.keep_recreated_by or (
            self.domain and facts.words.get("domain") != frozenset({self.domain})
        ):
            return None
        if self.then.automatic:
            says = bool(self.domain) and all(one.matches_all(facts) for one in self.when)
            return () if says else None
        unknown = []
        for one in self.when:
            holds = one.matches_any(facts)
            if holds is False:
                return None
            if holds is None:
                unknown.append(one.fact)
        return tuple(unknown)
