"""What rules demand of who asks, besides what is asked for: fields to fill in, and texts to accept."""

import hashlib
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

LONGEST_ANSWER = 200
MOST_LOOSE = 3
"""Parts of a pattern that may repeat more or less often: each more multiplies the time that a mismatch may take."""
_ATOM = r"(?:[A-Za-z0-9 _/:#@,=-]|\\[dws.+*?()\[\]{}|^$\\]|\.|\[(?:[A-Za-z0-9 _./:#@,]|[A-Za-z0-9]-[A-Za-z0-9])+-?\])"
_REPEAT = r"(?:[?*+]|\{\d{1,2}(?:,\d{0,2})?\})?"
_PART = re.compile(f"{_ATOM}({_REPEAT})")
_PATTERN = re.compile(f"(?:{_ATOM}{_REPEAT})+")
_FIXED = re.compile(r"(?:\{\d+\})?")


class Lack(StrEnum):
    """What is wrong with an answer: nothing is said, it is too long, or it is not like the field's pattern."""

    EMPTY = "empty"
    LONG = "long"
    PATTERN = "pattern"


@dataclass(frozen=True, order=True)
class Field:
    """What has to be said in a line: under `name`, asked for as `label`, like `pattern` where there is one."""

    name: str
    label: str
    pattern: str = ""
    help: str = ""

    def lack(self, answer: str) -> Lack | None:
        """None when the answer will do."""
        if not answer:
            return Lack.EMPTY
        if len(answer) > LONGEST_ANSWER or not answer.isprintable():
            return Lack.LONG
        return Lack.PATTERN if self.pattern and not re.fullmatch(self.pattern, answer) else None


@dataclass(frozen=True)
class Demands:
    """`fields` by name, two of one name where two rules want it differently: then both count; `texts` to accept."""

    fields: tuple[Field, ...] = ()
    texts: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.fields or self.texts)

    def to_json(self) -> dict[str, Any]:
        return {"fields": [asdict(one) for one in self.fields], "texts": list(self.texts)}

    @classmethod
    def of_verdict(cls, verdict: Mapping[str, Any]) -> "Demands":
        """Of a verdict as JSON: one that was kept before rules could demand anything has none."""
        found = verdict.get("demands", {})
        return cls(tuple(Field(**one) for one in found.get("fields", ())), tuple(found.get("texts", ())))


NO_DEMANDS = Demands()


@dataclass(frozen=True)
class Lacking:
    """What of the demands is not there: by a field's name, what is wrong; and texts that are not accepted."""

    answers: Mapping[str, Lack]
    texts: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.answers or self.texts)


def together(some: Iterable[Demands]) -> Demands:
    """All of them, each once: demands add up, and their order plays no part."""
    every = tuple(some)
    fields = {field for one in every for field in one.fields}
    return Demands(tuple(sorted(fields)), tuple(sorted({text for one in every for text in one.texts})))


def lacking(demands: Demands, answers: Mapping[str, str], accepted: Collection[str]) -> Lacking:
    """`accepted` are digests of texts."""
    found = {one.name: lack for one in demands.fields if (lack := one.lack(answers.get(one.name, "")))}
    return Lacking(found, tuple(text for text in demands.texts if digest_of_text(text) not in accepted))


def digest_of_text(text: str) -> str:
    """SHA-256: another text is another version, and has to be accepted anew."""
    return hashlib.sha256(text.encode()).hexdigest()


def is_pattern(text: str) -> bool:
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
    return len(loose) <= MOST_LOOSE
