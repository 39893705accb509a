"""The detector of a column."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from catalog.classification.detection import birth_dates, value_checks
from catalog.classification.detection.column_names import (
    find_named_kinds,
    names_another_day,
    names_reference_data,
)
from catalog.classification.detection.kinds import PERSONAL_KINDS, PROPOSED_CLASSES, DetectedKind
from catalog.classification.detection.national_ids import NATIONAL_IDS

MIN_SCORE = 0.6
"""From this score on, a column becomes a finding."""
NAME_ALONE_SCORE = 0.6
MIN_VALUES = 10
"""Fewer sampled values say nothing: the name alone counts."""
MIN_SHARE_NAMED, MIN_SHARE_UNNAMED = 0.5, 0.8
"""Of the values that are not empty, how many must pass the check, if the name says so too, and if it does not."""
MIN_DISTINCT_UNNAMED = 5
DISTRIBUTION_SCORE = 0.65
"""Of dates that look like ages while the name says nothing."""
MIN_REFERENCE_VALUES, MAX_REFERENCE_VALUES = 30, 20
"""Public is proposed on this many sampled values, of which so many may differ."""
REFERENCE_SCORE = 0.7
Kind = DetectedKind
NAME_CHECK = "name"
"""The check of the column's name. All others count values."""
TEXT_TYPES = ("string", "varchar", "char")
NUMBER_TYPES = ("bigint", "int", "integer", "decimal")
DATE_TYPES = ("date", "timestamp")
TYPES_OF_KIND = {
    Kind.PAYMENT_CARD: TEXT_TYPES + NUMBER_TYPES,
    Kind.NATIONAL_ID: TEXT_TYPES + NUMBER_TYPES,
    Kind.PHONE: TEXT_TYPES + NUMBER_TYPES,
    Kind.DATE_OF_BIRTH: TEXT_TYPES + DATE_TYPES,
}
"""Other kinds are texts."""
SCANNED_TYPES = TEXT_TYPES + NUMBER_TYPES + DATE_TYPES


@dataclass(frozen=True)
class ValueCount:
    """`valid` of `sampled` values that are not empty pass a check; `distinct` of the valid ones differ."""

    sampled: int
    valid: int
    distinct: int

    @property
    def share(self) -> float:
        return self.valid / self.sampled if self.sampled else 0.0


@dataclass(frozen=True)
class ColumnSample:
    """Without `values`, or with too few of them, the name alone is looked at."""

    name: str
    type: str
    values: Sequence[str | None] = ()


@dataclass(frozen=True)
class Evidence:
    """How many of the `sampled` values pass a check. Never a value itself. `NAME_CHECK` has no counts."""

    check: str
    valid: int = 0
    sampled: int = 0


@dataclass(frozen=True)
class Detection:
    column: str
    kind: DetectedKind
    proposed_class: str
    score: float
    evidence: tuple[Evidence, ...]


def get_base_type(type_: str) -> str:
    return type_.lower().partition("(")[0].partition("<")[0].strip()


def detect_column(sample: ColumnSample, today: date) -> Detection | None:
    """The kind with the highest score, if that is enough."""
    base = get_base_type(sample.type)
    values = [text for value in sample.values if value is not None and (text := value.strip())]
    named = find_named_kinds(sample.name)
    found = [
        one
        for kind in PERSONAL_KINDS
        if base in TYPES_OF_KIND.get(kind, TEXT_TYPES)
        for one in _detect_kind(sample.name, kind, values, today, is_named=kind in named)
    ]
    best = max(found, key=lambda one: one.score, default=None)
    if best is not None and best.score >= MIN_SCORE:
        return best
    if named or base not in SCANNED_TYPES:
        return None
    # Few different values, of which none is personal, under the name of a list of codes.
    distinct = len(set(values))
    if not names_reference_data(sample.name) or len(values) < MIN_REFERENCE_VALUES:
        return None
    if distinct > MAX_REFERENCE_VALUES:
        return None
    count = ValueCount(len(values), distinct, distinct)
    return _build(sample.name, Kind.REFERENCE, REFERENCE_SCORE, "reference", count, is_named=True)


def detect_columns(samples: Iterable[ColumnSample], today: date) -> Iterator[Detection]:
    for sample in samples:
        if (found := detect_column(sample, today)) is not None:
            yield found


def _detect_kind(
    name: str, kind: DetectedKind, values: Sequence[str], today: date, *, is_named: bool
) -> Iterator[Detection]:
    if kind is Kind.NATIONAL_ID:
        yield from _detect_national_ids(name, values, is_named=is_named)
        return
    if kind is Kind.DATE_OF_BIRTH:
        yield _detect_birth(name, values, today, is_named=is_named)
        return
    certain, possible = VALUE_CHECKS[kind]
    check = possible if is_named else certain
    count = _count(values, check) if check else None
    score = _compute_score(count, is_named=is_named)
    yield _build(name, kind, score, kind.value, count, is_named=is_named)


VALUE_CHECKS: dict[DetectedKind, tuple[value_checks.Check | None, value_checks.Check]] = {
    Kind.IBAN: (value_checks.is_iban, value_checks.is_iban),
    Kind.PAYMENT_CARD: (value_checks.is_payment_card, value_checks.is_payment_card),
    Kind.EMAIL: (value_checks.is_email, value_checks.is_email),
    Kind.PHONE: (value_checks.is_international_phone, value_checks.is_phone),
    Kind.IP_ADDRESS: (value_checks.is_distinct_ip_address, value_checks.is_ip_address),
    Kind.PERSON_NAME: (None, value_checks.is_text),
    Kind.POSTAL_ADDRESS: (None, value_checks.is_address_text),
}
"""What is checked in a column of any name, and in one whose name suggests the kind."""


def _detect_national_ids(name: str, values: Sequence[str], *, is_named: bool) -> Iterator[Detection]:
    for one in NATIONAL_IDS:
        check = one.is_valid if is_named else one.is_certain
        if check is not None:
            count = _count(values, check)
            score = _compute_score(count, is_named=is_named)
            yield _build(name, Kind.NATIONAL_ID, score, one.code, count, is_named=is_named)


def _detect_birth(name: str, values: Sequence[str], today: date, *, is_named: bool) -> Detection:
    count = _count(values, lambda text: birth_dates.is_birth_date(text, today))
    score = _compute_score(count, is_named=is_named, is_certain=False)
    looks = not is_named and count.sampled >= MIN_VALUES and not names_another_day(name)
    if looks and count.share >= MIN_SHARE_UNNAMED and birth_dates.has_adult_ages(values, today):
        score = DISTRIBUTION_SCORE
    return _build(name, Kind.DATE_OF_BIRTH, score, Kind.DATE_OF_BIRTH.value, count, is_named=is_named)


def _count(values: Sequence[str], check: Callable[[str], bool]) -> ValueCount:
    valid = [value for value in values if len(value) <= value_checks.MAX_VALUE_LENGTH and check(value)]
    return ValueCount(len(values), len(valid), len(set(valid)))


def _build(
    name: str, kind: DetectedKind, score: float, check: str, count: ValueCount | None, *, is_named: bool
) -> Detection:
    evidence = [Evidence(NAME_CHECK)] if is_named else []
    if count is not None and count.sampled:
        evidence.append(Evidence(check, count.valid, count.sampled))
    return Detection(name, kind, PROPOSED_CLASSES[kind], round(score, 3), tuple(evidence))


def _compute_score(count: ValueCount | None, *, is_named: bool, is_certain: bool = True) -> float:
    """0 to 1. `count` is None for kinds without a check; `is_certain`: the check is enough without a name."""
    if count is None or count.sampled < MIN_VALUES:
        return NAME_ALONE_SCORE if is_named else 0.0
    if is_named:
        return 0.7 + 0.3 * count.share if count.share >= MIN_SHARE_NAMED else 0.0
    enough = count.share >= MIN_SHARE_UNNAMED and count.distinct >= MIN_DISTINCT_UNNAMED
    return 0.95 * count.share if enough and is_certain else 0.0
