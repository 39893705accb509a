"""Kinds of data that are detected, with the class that is proposed for each."""

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
