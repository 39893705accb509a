"""What policies require from the requester: fields to fill in, and texts to accept."""

import hashlib
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

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
        return {"fields": [asdict(one) for one in self.fields], "texts": list(self.texts)}

    @classmethod
    def from_verdict(cls, verdict: Mapping[str, Any]) -> "RequiredInformation":
        """Of a verdict as JSON: one that was kept before rules could demand anything has none."""
        found = verdict.get("required_information", {})
        return cls(
            tuple(RequiredField(**one) for one in found.get("fields", ())), tuple(found.get("texts", ()))
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
        one.name: lack
        for one in required_information.fields
        if (lack := one.find_problem(answers.get(one.name, "")))
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
