"""One rule: when it fires, and its effect."""

import hashlib
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from requests_app.policy_engine.facts import ANY_MATCH_FACTS, FREE_TEXT_FACTS, PolicyFacts

MAX_ANSWER_LENGTH = 200
MAX_VARIABLE_REPEATS = 3
"""Parts of a pattern that may repeat more or less often: each more multiplies the time that a mismatch may take."""
_ATOM = r"(?:[A-Za-z0-9 _/:#@,=-]|\\[dws.+*?()\[\]{}|^$\\]|\.|\[(?:[A-Za-z0-9 _./:#@,]|[A-Za-z0-9]-[A-Za-z0-9])+-?\])"
_REPEAT = r"(?:[?*+]|\{\d{1,2}(?:,\d{0,2})?\})?"
_PART = re.compile(f"{_ATOM}({_REPEAT})")
_PATTERN = re.compile(f"(?:{_ATOM}{_REPEAT})+")
_FIXED = re.compile(r"(?:\{\d+\})?")


class AnswerProblem(StrEnum):
    """What is wrong with an answer: nothing is said, it is too long, or it is not like the field's pattern."""

    EMPTY = "empty"
    LONG = "long"
    PATTERN = "pattern"


@dataclass(frozen=True, order=True)
class RequiredField:
    """What has to be said in a line: under `name`, labelled `label`, like `pattern` where there is one."""

    name: str
    label: str
    pattern: str = ""
    help: str = ""

    def find_problem(self, answer: str) -> AnswerProblem | None:
        """None when the answer will do."""
        if not answer:
            return AnswerProblem.EMPTY
        if len(answer) > MAX_ANSWER_LENGTH or not answer.isprintable():
            return AnswerProblem.LONG
        return AnswerProblem.PATTERN if self.pattern and not re.fullmatch(self.pattern, answer) else None


@dataclass(frozen=True)
class RequiredInformation:
    """`fields` by name, two of one name where two rules want it differently: then both count; `texts` to accept."""

    fields: tuple[RequiredField, ...] = ()
    texts: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.fields or self.texts)

    def to_json(self) -> dict[str, Any]:
        return {"fields": [asdict(field) for field in self.fields], "texts": list(self.texts)}

    @classmethod
    def from_verdict(cls, verdict: Mapping[str, Any]) -> "RequiredInformation":
        """Reads a verdict as JSON: one that was kept before rules could demand anything has none."""
        found = verdict.get("required_information", {})
        return cls(
            tuple(RequiredField(**field) for field in found.get("fields", ())), tuple(found.get("texts", ()))
        )


NOTHING_REQUIRED = RequiredInformation()


@dataclass(frozen=True)
class MissingInformation:
    """What of the demands is not there: by a field's name, what is wrong; and texts that are not accepted."""

    answers: Mapping[str, AnswerProblem]
    texts: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.answers or self.texts)


def merge_required_information(some: Iterable[RequiredInformation]) -> RequiredInformation:
    """All of them, each once: demands add up, and their order plays no part."""
    every = tuple(some)
    fields = {field for one in every for field in one.fields}
    return RequiredInformation(
        tuple(sorted(fields)), tuple(sorted({text for one in every for text in one.texts}))
    )


def find_missing_information(
    required_information: RequiredInformation, answers: Mapping[str, str], accepted: Collection[str]
) -> MissingInformation:
    """`accepted` are digests of texts."""
    found = {
        field.name: lack
        for field in required_information.fields
        if (lack := field.find_problem(answers.get(field.name, "")))
    }
    return MissingInformation(
        found, tuple(text for text in required_information.texts if compute_text_digest(text) not in accepted)
    )


def compute_text_digest(text: str) -> str:
    """SHA-256: another text is another version, and has to be accepted anew."""
    return hashlib.sha256(text.encode()).hexdigest()


def is_safe_pattern(text: str) -> bool:
    """Characters and classes of them, each repeated if need be, three of them loosely at most: no groups and no
    alternatives, so that no answer takes long to compare.
    """
    if not _PATTERN.fullmatch(text):
        return False
    loose = [repeat for repeat in _PART.findall(text) if not _FIXED.fullmatch(repeat)]
    try:
        re.compile(text)
    except re.error:
        return False
    return len(loose) <= MAX_VARIABLE_REPEATS


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
