"""Required information: what policies require of a requester, shown before a request and sent with it."""

from typing import Any

from rest_framework import serializers

from identity.people.models import Person
from portal.api.fields import TextOut
from portal.api.serializers import StrictSerializer
from requests_app.policies.evaluation import ProvidedInformation, list_accepted_digests
from requests_app.policy_engine.rules import (
    MAX_ANSWER_LENGTH,
    RequiredInformation,
    compute_text_digest,
)

MOST_TEXTS = 100
MOST_FIELDS = 100
LONGEST_NAME = 255


class FieldValueIn(StrictSerializer):
    name = serializers.CharField(max_length=LONGEST_NAME)
    value = serializers.CharField(max_length=MAX_ANSWER_LENGTH, allow_blank=True)


class AcceptedTextIn(StrictSerializer):
    text_hash = serializers.CharField(max_length=64)
    accepted = serializers.BooleanField()


class RequiredInformationIn(StrictSerializer):
    """`required_fields` and `required_texts` are what the preview shows, with your values."""

    required_fields = serializers.ListField(child=FieldValueIn(), default=list, max_length=MOST_FIELDS)
    required_texts = serializers.ListField(child=AcceptedTextIn(), default=list, max_length=MOST_TEXTS)


class RequiredFieldOut(serializers.Serializer[Any]):
    """One line of text; all of it has to match the regular expression `pattern`, if there is one."""

    name = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    pattern = TextOut()
    help = TextOut()


class RequiredTextOut(serializers.Serializer[Any]):
    """`accepted`: you have accepted it before, and need not again."""

    text_hash = serializers.CharField()
    text = serializers.CharField()
    accepted = serializers.BooleanField()


class RequiredInformationOut(serializers.Serializer[Any]):
    """What policies require of you."""

    required_fields = RequiredFieldOut(many=True)
    required_texts = RequiredTextOut(many=True)


def required_information(person: Person, required: RequiredInformation) -> dict[str, Any]:
    """As `RequiredInformationOut`."""
    accepted_digests = list_accepted_digests(person, required)
    digests = {compute_text_digest(text): text for text in required.texts}
    texts = [
        {"text_hash": one, "text": text, "accepted": one in accepted_digests} for one, text in digests.items()
    ]
    return {"required_fields": required.fields, "required_texts": texts}


def provided_in(said: dict[str, Any]) -> ProvidedInformation:
    """Extracted from `RequiredInformationIn`."""
    fields = {one["name"]: one["value"] for one in said.pop("required_fields")}
    return ProvidedInformation(
        fields, [one["text_hash"] for one in said.pop("required_texts") if one["accepted"]]
    )
