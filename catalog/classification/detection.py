"""Detects personal data in columns by their name and by sampled values. Pure. `detector` loads large libraries: workers import it, the web does not."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from ipaddress import AddressValueError, IPv4Address, IPv6Address

import phonenumbers
from stdnum import iban, luhn
from stdnum.at import vnr
from stdnum.be import nn
from stdnum.ch import ssn as ahv
from stdnum.de import idnr
from stdnum.dk import cpr
from stdnum.es import dni, nie
from stdnum.fr import nir
from stdnum.gb import nhs
from stdnum.it import codicefiscale
from stdnum.nl import bsn
from stdnum.pl import pesel
from stdnum.se import personnummer
from stdnum.us import ssn

from catalog.classification.kinds import (
    PERSONAL_KINDS,
    PROPOSED_CLASSES,
    DetectedKind,
    find_named_kinds,
    names_another_day,
    names_reference_data,
)

FORMATS = ("%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%Y%m%d")
MAX_AGE, MIN_ADULT, MAX_ADULT = 120, 16, 100
DAYS_OF_YEAR = 365.25
MIN_ADULT_SHARE, MIN_DISTINCT_SHARE = 0.97, 0.6
MIN_SPREAD = 12.0
"""Years between the first and the third quarter of the ages."""
MEDIAN_AGES = (25.0, 75.0)
DATE_LENGTH = 10


def parse_day(text: str) -> date | None:
    """A date, or a timestamp at midnight."""
    day, _, time = text.replace("T", " ").partition(" ")
    if time and time.strip("0:.+Z "):
        return None
    if len(day) > DATE_LENGTH:
        return None
    for format_ in FORMATS:
        try:
            return datetime.strptime(day, format_).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
    return None


def compute_age(day: date, today: date) -> float:
    return (today - day).days / DAYS_OF_YEAR


def is_birth_date(text: str, today: date) -> bool:
    """A day on which somebody who is alive may have been born."""
    day = parse_day(text)
    return day is not None and 0 <= compute_age(day, today) <= MAX_AGE


def has_adult_ages(values: Sequence[str], today: date) -> bool:
    """Whether nearly all are ages of adults, spread and mostly different, as no other dates are."""
    days = [day for day in map(parse_day, values) if day is not None]
    ages = sorted(compute_age(day, today) for day in days)
    if not ages:
        return False
    adults = sum(MIN_ADULT <= age <= MAX_ADULT for age in ages)
    quarter = len(ages) // 4
    median = ages[len(ages) // 2]
    return (
        adults >= MIN_ADULT_SHARE * len(ages)
        and len(set(days)) >= MIN_DISTINCT_SHARE * len(days)
        and ages[-1 - quarter] - ages[quarter] >= MIN_SPREAD
        and MEDIAN_AGES[0] <= median <= MEDIAN_AGES[1]
    )


_BRITISH = re.compile(
    r"(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d{2} ?\d{2} ?\d{2} ?[A-D]"
)
_DASHED_SSN = re.compile(r"\d{3}-\d{2}-\d{4}")


@dataclass(frozen=True)
class NationalId:
    """`is_valid` with a column of such a name. `is_certain` says that the values are enough."""

    code: str
    is_valid: Callable[[str], bool]
    is_certain: Callable[[str], bool] | None = None


def is_british_number(value: str) -> bool:
    """A National Insurance number, which has no checksum (HMRC, NIM39110)."""
    return _BRITISH.fullmatch(value) is not None


def _is_dashed_ssn(value: str) -> bool:
    return _DASHED_SSN.fullmatch(value) is not None and ssn.is_valid(value)


def _is_spanish(value: str) -> bool:
    return dni.is_valid(value) or nie.is_valid(value)


def _is_plain_date_number(value: str) -> bool:
    return personnummer.is_valid(value)


NATIONAL_IDS = (
    NationalId("de_idnr", idnr.is_valid, idnr.is_valid),
    NationalId("us_ssn", ssn.is_valid, _is_dashed_ssn),
    NationalId("ch_ahv", ahv.is_valid, ahv.is_valid),
    NationalId("fr_nir", nir.is_valid, nir.is_valid),
    NationalId("it_codice_fiscale", codicefiscale.is_valid, codicefiscale.is_valid),
    NationalId("es_dni", _is_spanish, _is_spanish),
    NationalId("pl_pesel", pesel.is_valid, pesel.is_valid),
    NationalId("nl_bsn", bsn.is_valid, bsn.is_valid),
    NationalId("gb_nino", is_british_number, is_british_number),
    NationalId("gb_nhs", nhs.is_valid, nhs.is_valid),
    NationalId("at_vnr", vnr.is_valid, vnr.is_valid),
    NationalId("be_nn", nn.is_valid, nn.is_valid),
    NationalId("se_personnummer", _is_plain_date_number, _is_plain_date_number),
    NationalId("dk_cpr", cpr.is_valid),
)
"""`dk_cpr` and a US number without dashes are numbers that many others pass as well, so they need the column's name."""


Check = Callable[[str], bool]
MAX_VALUE_LENGTH = 200
_CARD = re.compile(r"\d{4}(?:[ -]?\d{2,6}){2,4}")
_CARD_RANGES = (
    ("4", (13, 16, 19)),
    ("5[1-5]", (16,)),
    ("2(?:22[1-9]|2[3-9]|[3-6]|7[01]|720)", (16,)),
    ("3[47]", (15,)),
    ("6(?:011|4[4-9]|5)", (16, 19)),
    ("3(?:0[0-5]|[68])", (14, 16)),
    ("35(?:2[89]|[3-8])", (16,)),
    ("62", (16, 17, 18, 19)),
)
"""Prefixes with lengths of Visa, Mastercard (two), American Express, Discover, Diners Club, JCB and UnionPay."""
_CARD_PREFIXES = tuple((re.compile(prefix), lengths) for prefix, lengths in _CARD_RANGES)
_EMAIL = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,24}"
)
_INTERNATIONAL = re.compile(r"(?:\+|00)[1-9][\d\s()/.-]{6,24}")
_NATIONAL = re.compile(r"\(?\d[\d\s()/.-]{5,22}")
PHONE_REGIONS = ("DE", "CH", "AT", "FR", "GB", "US", "IT", "ES", "NL", "PL")
"""Countries whose national numbers are known, for columns that are named after phones."""
MIN_LARGE_OCTET = 60


def is_iban(value: str) -> bool:
    """By country, length and checksum (ISO 13616)."""
    return value[:2].isalpha() and iban.is_valid(value)


def is_payment_card(value: str) -> bool:
    """By prefix, length and Luhn's checksum."""
    if not _CARD.fullmatch(value):
        return False
    digits = re.sub("[ -]", "", value)
    known = any(
        prefix.match(digits) is not None and len(digits) in lengths for prefix, lengths in _CARD_PREFIXES
    )
    return known and luhn.is_valid(digits)


def is_email(value: str) -> bool:
    return _EMAIL.fullmatch(value) is not None


def is_international_phone(value: str) -> bool:
    """A number with its country's code."""
    if not _INTERNATIONAL.fullmatch(value):
        return False
    return _is_valid_phone("+" + value[2:] if value.startswith("00") else value, None)


def is_phone(value: str) -> bool:
    """A number with its country's code, or a national one of `PHONE_REGIONS`."""
    if is_international_phone(value):
        return True
    if not _NATIONAL.fullmatch(value):
        return False
    return any(_is_valid_phone(value, region) for region in PHONE_REGIONS)


def _is_valid_phone(value: str, region: str | None) -> bool:
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(value, region))
    except phonenumbers.NumberParseException:
        return False


def is_ip_address(value: str) -> bool:
    return _is_ipv4(value) or _is_ipv6(value)


def is_distinct_ip_address(value: str) -> bool:
    """An address that can't be a version number: one of its parts is too large."""
    if not _is_ipv4(value):
        return _is_ipv6(value)
    return max(int(part) for part in value.split(".")) > MIN_LARGE_OCTET


def _is_ipv4(value: str) -> bool:
    try:
        IPv4Address(value)
    except AddressValueError:
        return False
    return True


def _is_ipv6(value: str) -> bool:
    try:
        IPv6Address(value)
    except AddressValueError:
        return False
    return ":" in value.strip(":")


def is_text(value: str) -> bool:
    """Whether it has letters in a row and is no code: at most a third are digits."""
    digits = sum(one.isdigit() for one in value)
    return digits * 3 <= len(value) and re.search(r"[^\W\d_]{2}", value) is not None


def is_address_text(value: str) -> bool:
    return re.search(r"[^\W\d_]{3}", value) is not None and "@" not in value


MIN_SCORE = 0.6
"""From this score on, a column becomes a finding."""
NAME_ALONE_SCORE = 0.6
MIN_VALUES = 10
"""Fewer sampled values say nothing: the name alone counts."""
MIN_SHARE_NAMED, MIN_SHARE_UNNAMED = 0.5, 0.8
"""The share of the values that are not empty which must pass the check, if the name says so too, and if it does not."""
MIN_DISTINCT_UNNAMED = 5
DISTRIBUTION_SCORE = 0.65
"""The score of dates that look like ages while the name says nothing."""
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
        detection
        for kind in PERSONAL_KINDS
        if base in TYPES_OF_KIND.get(kind, TEXT_TYPES)
        for detection in _detect_kind(sample.name, kind, values, today, is_named=kind in named)
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


VALUE_CHECKS: dict[DetectedKind, tuple[Check | None, Check]] = {
    Kind.IBAN: (is_iban, is_iban),
    Kind.PAYMENT_CARD: (is_payment_card, is_payment_card),
    Kind.EMAIL: (is_email, is_email),
    Kind.PHONE: (is_international_phone, is_phone),
    Kind.IP_ADDRESS: (is_distinct_ip_address, is_ip_address),
    Kind.PERSON_NAME: (None, is_text),
    Kind.POSTAL_ADDRESS: (None, is_address_text),
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
    count = _count(values, lambda text: is_birth_date(text, today))
    score = _compute_score(count, is_named=is_named, is_certain=False)
    looks = not is_named and count.sampled >= MIN_VALUES and not names_another_day(name)
    if looks and count.share >= MIN_SHARE_UNNAMED and has_adult_ages(values, today):
        score = DISTRIBUTION_SCORE
    return _build(name, Kind.DATE_OF_BIRTH, score, Kind.DATE_OF_BIRTH.value, count, is_named=is_named)


def _count(values: Sequence[str], check: Callable[[str], bool]) -> ValueCount:
    valid = [value for value in values if len(value) <= MAX_VALUE_LENGTH and check(value)]
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
