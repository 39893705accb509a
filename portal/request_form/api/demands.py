"""What rules demand of who asks: told before it is sent, and said with it."""

from typing import Any

from rest_framework import serializers

from identity.people.models import Person
from requests_app.policies.required_information import ProvidedInformation, list_accepted_digests
from requests_app.policy_engine.required_information import (
    MAX_ANSWER_LENGTH,
    RequiredInformation,
    compute_text_digest,
)

MOST_TEXTS = 100


class SaidIn(serializers.Serializer[Any]):
    """`answers` by the name of the field that a rule demands; `agrees` are digests of the texts that you accept."""

    answers = serializers.DictField(
        child=serializers.CharField(max_length=MAX_ANSWER_LENGTH, allow_blank=True),
        default=dict,
        help_text="what rules demand to be said, by the field's name",
    )
    agrees = serializers.ListField(
        child=serializers.CharField(max_length=64),
        default=list,
        max_length=MOST_TEXTS,
        help_text="digests of the rules' texts that you accept",
    )


class DemandedFieldOut(serializers.Serializer[Any]):
    """One line; `pattern` is a regular expression that all of it has to match, or empty."""

    name = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    pattern = serializers.CharField(allow_blank=True)
    help = serializers.CharField(allow_blank=True)


class DemandedTextOut(serializers.Serializer[Any]):
    """Send its `digest` back among `agrees`, unless you have accepted it before."""

    digest = serializers.CharField()
    text = serializers.CharField()
    accepted = serializers.BooleanField()


class DemandsOut(serializers.Serializer[Any]):
    fields_to_answer = DemandedFieldOut(many=True)
    texts_to_accept = DemandedTextOut(many=True)


def demands_out(person: Person, demands: RequiredInformation) -> dict[str, Any]:
    """As `DemandsOut`."""
    known = list_accepted_digests(person, demands)
    digests = {compute_text_digest(text): text for text in demands.texts}
    texts = [{"digest": one, "text": text, "accepted": one in known} for one, text in digests.items()]
    return dict(DemandsOut({"fields_to_answer": demands.fields, "texts_to_accept": texts}).data)


def said_of(values: dict[str, Any]) -> ProvidedInformation:
    """Taken out of what was sent as `SaidIn`."""
    return ProvidedInformation(values.pop("answers"), values.pop("agrees"))
