"""Kinds of data that are detected, with the class that is proposed for each."""

import re
from collections.abc import Mapping
from enum import StrEnum


class DetectedKind(StrEnum):
    """In the order in which equal scores are preferred."""

    IBAN = "iban"
    PAYMENT_CARD = "payment_card"
    NATIONAL_ID = "national_id"
    EMAIL = "email"
    DATE_OF_BIRTH = "date_of_birth"
    PHONE = "phone"
    IP_ADDRESS = "ip_address"
    PERSON_NAME = "person_name"
    POSTAL_ADDRESS = "postal_address"
    REFERENCE = "reference"


PUBLIC, PRIVATE, SENSITIVE = "public", "private", "sensitive"
PROPOSED_CLASSES = {
    DetectedKind.IBAN: SENSITIVE,
    DetectedKind.PAYMENT_CARD: SENSITIVE,
    DetectedKind.NATIONAL_ID: SENSITIVE,
    DetectedKind.DATE_OF_BIRTH: SENSITIVE,
    DetectedKind.EMAIL: PRIVATE,
    DetectedKind.PHONE: PRIVATE,
    DetectedKind.IP_ADDRESS: PRIVATE,
    DetectedKind.PERSON_NAME: PRIVATE,
    DetectedKind.POSTAL_ADDRESS: PRIVATE,
    DetectedKind.REFERENCE: PUBLIC,
}
"""Sensitive is what opens an account or proves an identity by itself; private is what names or reaches a person."""
PERSONAL_KINDS = tuple(kind for kind in DetectedKind if kind is not DetectedKind.REFERENCE)


_TOKEN = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|[0-9]+")
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue"})
Kind = DetectedKind

WORDS: Mapping[DetectedKind, frozenset[str]] = {
    Kind.IBAN: frozenset({"iban", "ibannr"}),
    Kind.PAYMENT_CARD: frozenset(
        {
            "pan",
            "ccnum",
            "ccnumber",
            "creditcard",
            "kreditkarte",
            "kreditkartennummer",
            "kartennummer",
            "kartennr",
        }
    ),
    Kind.EMAIL: frozenset({"email", "emailadresse", "mailadresse", "emailaddress"}),
    Kind.PHONE: frozenset({"phone", "telephone", "tel", "mobile", "cellphone", "fax", "msisdn", "mobil"}),
    Kind.NATIONAL_ID: frozenset(
        {"ssn", "nino", "pesel", "bsn", "ahv", "nir", "dni", "nie", "nif", "idnr", "svnr", "tin", "cpr"}
    ),
    Kind.DATE_OF_BIRTH: frozenset({"dob", "birthdate", "birthday", "gebdat", "gebdatum", "gebtag"}),
    Kind.IP_ADDRESS: frozenset({"ip", "ipaddress", "ipadresse", "ipv"}),
    Kind.PERSON_NAME: frozenset(
        {
            "firstname",
            "lastname",
            "surname",
            "forename",
            "fullname",
            "vorname",
            "nachname",
            "familienname",
            "geburtsname",
        }
    ),
    Kind.POSTAL_ADDRESS: frozenset(
        {
            "address",
            "addresse",
            "adresse",
            "anschrift",
            "street",
            "strasse",
            "hausnr",
            "hausnummer",
            "wohnort",
        }
    ),
}
"""A token of the name."""
STEMS: Mapping[DetectedKind, tuple[str, ...]] = {
    Kind.IBAN: ("iban",),
    Kind.PAYMENT_CARD: ("kreditkarten",),
    Kind.EMAIL: ("emailadr", "mailadr"),
    Kind.PHONE: ("telefon", "handynummer", "handynr", "mobilnummer", "faxnummer", "phonenumber"),
    Kind.NATIONAL_ID: (
        "steueridentifikation",
        "sozialversicherung",
        "burgerservice",
        "codicefiscale",
        "personalausweis",
    ),
    Kind.DATE_OF_BIRTH: ("geburtsdat", "geburtstag", "dateofbirth"),
    Kind.PERSON_NAME: ("kundenname", "inhabername", "mitarbeitername"),
    Kind.POSTAL_ADDRESS: ("anschrift", "wohnadresse", "lieferadresse", "rechnungsadresse"),
}
"""What the name without separators begins or ends with, or a long token has in it."""
PHRASES: Mapping[DetectedKind, tuple[frozenset[str], ...]] = {
    Kind.PAYMENT_CARD: tuple(
        frozenset({"card", word}) for word in ("number", "no", "nr", "num", "pan", "credit")
    ),
    Kind.EMAIL: (
        frozenset({"e", "mail"}),
        frozenset({"mail", "adresse"}),
        frozenset({"mail", "address"}),
    ),
    Kind.NATIONAL_ID: (
        frozenset({"steuer", "id"}), frozenset({"steuer", "nr"}), frozenset({"tax", "id"}),
        frozenset({"tax", "number"}), frozenset({"national", "id"}), frozenset({"national", "insurance"}),
        frozenset({"ni", "number"}), frozenset({"social", "security"}), frozenset({"codice", "fiscale"}),
        frozenset({"numero", "secu"}), frozenset({"passport", "number"}), frozenset({"personal", "ausweis"}),
    ),
    Kind.DATE_OF_BIRTH: (
        frozenset({"birth", "date"}), frozenset({"birth", "day"}), frozenset({"geb", "dat"}),
        frozenset({"geb", "datum"}), frozenset({"geburts", "datum"}), frozenset({"birth", "dt"}),
    ),
    Kind.IP_ADDRESS: (
        frozenset({"remote", "addr"}), frozenset({"client", "addr"}), frozenset({"ip", "address"}),
    ),
    Kind.PERSON_NAME: tuple(
        frozenset({word, "name"})
        for word in (
            "first", "last", "given", "family", "full", "middle", "maiden", "customer", "kunde", "kunden", "client", "person",
            "insured", "holder", "inhaber", "employee", "mitarbeiter", "patient", "driver", "member", "beneficiary", "contact",
            "applicant", "borrower", "cardholder", "user", "display", "nick",
        )
    ),
}  # fmt: skip
"""Tokens that all occur."""
ABOUT_IT = frozenset(
    [
        "at",
        "on",
        "type",
        "typ",
        "art",
        "count",
        "anzahl",
        "number_of",
        "flag",
        "verified",
        "sent",
        "opt",
        "template",
        "vorlage",
        "list",
        "version",
        "status",
        "rate",
        "model",
        "country",
        "land",
        "category",
        "kategorie",
        "kind",
        "class",
        "klasse",
        "hash",
        "length",
        "enabled",
        "domain",
        "format",
        "provider",
        "valid",
        "level",
        "source",
        "product",
        "produkt",
        "file",
        "datei",
        "table",
        "tabelle",
        "company",
        "firma",
        "column",
        "spalte",
        "event",
        "score",
        "index",
        "rank",
        "group",
        "gruppe",
        "year",
        "jahr",
        "city_id",
        "is",
        "has",
        "created",
        "updated",
        "changed",
        "panel",
        "firmware",
        "software",
        "app",
    ]
)
"""Tokens of columns that say something about the datum, or whose name is another's: `phone_type`, `product_name`."""
OTHER_DAYS = (
    "found", "gruend", "built", "bau", "matur", "faellig", "valid", "gueltig", "order", "bestell", "created", "updated",
    "start", "end", "open", "buchung", "issue", "contract", "vertrag", "since", "seit", "incept", "expir", "ablauf",
)  # fmt: skip
"""Beginnings of tokens in names of dates that are no birthdays."""
REFERENCE_WORDS = frozenset(
    [
        "currency",
        "waehrung",
        "country",
        "land",
        "region",
        "status",
        "language",
        "sprache",
        "unit",
        "einheit",
        "iso",
        "segment",
        "channel",
        "kanal",
        "venue",
        "sector",
        "branche",
        "season",
        "weekday",
        "wochentag",
        "month",
        "quarter",
    ]
)
MIN_LONG_TOKEN = 9


def split_name(name: str) -> tuple[str, ...]:
    """`geburtsDatum_2` is *geburts*, *datum* and *2*."""
    return tuple(token.lower() for token in _TOKEN.findall(name.translate(_UMLAUTS)))


def find_named_kinds(name: str) -> frozenset[DetectedKind]:
    """Kinds that the name suggests. None where it is about the datum, such as `email_sent_at`."""
    tokens = split_name(name)
    known = frozenset(tokens)
    if known & ABOUT_IT:
        return frozenset()
    found = {kind for kind, words in WORDS.items() if known & words}
    found |= {kind for kind, phrases in PHRASES.items() if any(phrase <= known for phrase in phrases)}
    found |= {kind for kind, stems in STEMS.items() if _has_stem(tokens, stems)}
    if found & {Kind.EMAIL, Kind.IP_ADDRESS}:
        found.discard(Kind.POSTAL_ADDRESS)
    return frozenset(found)


def _has_stem(tokens: tuple[str, ...], stems: tuple[str, ...]) -> bool:
    joined = "".join(tokens)
    return any(
        joined.startswith(stem)
        or joined.endswith(stem)
        or any(stem in token for token in tokens if len(token) >= MIN_LONG_TOKEN)
        for stem in stems
    )


def names_another_day(name: str) -> bool:
    return any(token.startswith(OTHER_DAYS) for token in split_name(name))


def names_reference_data(name: str) -> bool:
    """Whether the name is one of lists of codes that say nothing about a person."""
    tokens = frozenset(split_name(name))
    return bool(tokens & REFERENCE_WORDS) and not tokens & {"birth", "geburts", "nationality", "marital"}
