"""Checks of single values: IBAN, payment cards, mail and IP addresses, phone numbers."""

import re
from collections.abc import Callable
from ipaddress import AddressValueError, IPv4Address, IPv6Address

import phonenumbers
from stdnum import iban, luhn

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
