"""What rules demand of who asks, for every form that asks: its fields, and the texts to accept."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

from django.http import HttpRequest, QueryDict

from identity.people.models import Person
from portal.request_form.forms import AnsweringForm
from requests_app.policies.required_information import (
    NOTHING_PROVIDED,
    ProvidedInformation,
    list_accepted_digests,
)
from requests_app.policy_engine.required_information import RequiredInformation, compute_text_digest

FIELD = "answer-"
"""Before the name of a field, in a form."""
MOST_SAID = 500


@dataclass(frozen=True)
class FieldShown:
    """Several labels and helps where several rules want it."""

    name: str
    label: str
    helps: tuple[str, ...]
    value: str
    error: str


@dataclass(frozen=True)
class TextShown:
    digest: str
    text: str
    is_ticked: bool
    error: str


@dataclass(frozen=True)
class DemandsShown:
    """`mark` names what is demanded: a form says with it which of them it shows."""

    mark: str
    fields: tuple[FieldShown, ...]
    texts: tuple[TextShown, ...]


def said_in(data: QueryDict) -> ProvidedInformation:
    """What a form says to rules."""
    names = [name for name in data if name.startswith(FIELD)][:MOST_SAID]
    answers = {name.removeprefix(FIELD): data.get(name, "") for name in names}
    return ProvidedInformation(answers, data.getlist("agree")[:MOST_SAID])


def demands_shown(
    person: Person,
    demands: RequiredInformation,
    said: ProvidedInformation = NOTHING_PROVIDED,
    wrong: Mapping[str, str] | None = None,
) -> DemandsShown:
    """With what was typed, and what is `wrong` by a field's name or a text's digest. Texts that the person accepted
    before are left out. One query where there are texts.
    """
    errors, known = wrong or {}, list_accepted_digests(person, demands)
    digests = {compute_text_digest(text): text for text in demands.texts}
    texts = tuple(
        TextShown(digest, text, digest in said.agrees, errors.get(digest, ""))
        for digest, text in digests.items()
        if digest not in known
    )
    names = dict.fromkeys(field.name for field in demands.fields)
    fields = tuple(_field(demands, name, said, errors) for name in names)
    return DemandsShown(_mark(demands) if fields or texts else "", fields, texts)


def demands_in(
    request: HttpRequest,
    person: Person,
    form: AnsweringForm,
    ahead: RequiredInformation,
    kept: Mapping[str, str] | None = None,
) -> DemandsShown:
    """Of a form that asks, with what was typed into it, at first what was `kept`: those for which it was refused, else
    those foreseen.
    """
    refused, said = (
        form.unanswered,
        said_in(request.POST) if request.POST else ProvidedInformation(kept or {}),
    )
    demands, wrong = (refused.demands, refused.by_name) if refused else (ahead, {})
    return demands_shown(person, demands, said, wrong)


def demands_anew(request: HttpRequest, demands: DemandsShown) -> DemandsShown | None:
    """Where they are not what the form that was sent shows."""
    return None if demands.mark == request.POST.get("demanded", "") else demands


def _field(
    demands: RequiredInformation, name: str, said: ProvidedInformation, errors: Mapping[str, str]
) -> FieldShown:
    same = [field for field in demands.fields if field.name == name]
    label = " / ".join(dict.fromkeys(field.label for field in same))
    helps = tuple(dict.fromkeys(field.help for field in same if field.help))
    return FieldShown(name, label, helps, said.answers.get(name, ""), errors.get(name, ""))


def _mark(demands: RequiredInformation) -> str:
    return hashlib.sha256(json.dumps(demands.to_json(), sort_keys=True).encode()).hexdigest()[:16]
