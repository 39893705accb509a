"""Fields and texts that policies require, for every request form."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

from django.http import HttpRequest, QueryDict

from identity.people.models import Person
from portal.request_form.forms import RequiredInformationForm
from requests_app.policies.evaluation import (
    NOTHING_PROVIDED,
    ProvidedInformation,
    list_accepted_digests,
)
from requests_app.policy_engine.rules import RequiredInformation, compute_text_digest

FIELD_PREFIX = "answer-"
"""Prefix of field names in forms."""
MAX_VALUES = 500


@dataclass(frozen=True)
class RequiredField:
    """Labels and help texts of all rules that require the field."""

    name: str
    label: str
    help_texts: tuple[str, ...]
    value: str
    error: str


@dataclass(frozen=True)
class RequiredText:
    digest: str
    text: str
    is_accepted: bool
    error: str


@dataclass(frozen=True)
class RequiredFields:
    """`digest` identifies the requirements; the form sends it back."""

    digest: str
    fields: tuple[RequiredField, ...]
    texts: tuple[RequiredText, ...]


def parse_provided_information(data: QueryDict) -> ProvidedInformation:
    """Answers and accepted texts of a submitted form."""
    names = [name for name in data if name.startswith(FIELD_PREFIX)][:MAX_VALUES]
    answers = {name.removeprefix(FIELD_PREFIX): data.get(name, "") for name in names}
    return ProvidedInformation(answers, data.getlist("agree")[:MAX_VALUES])


def build_required_fields(
    person: Person,
    demands: RequiredInformation,
    said: ProvidedInformation = NOTHING_PROVIDED,
    wrong: Mapping[str, str] | None = None,
) -> RequiredFields:
    """With what was typed, and what is `wrong` by a field's name or a text's digest. Texts that the person accepted
    before are left out. One query where there are texts.
    """
    errors, known = wrong or {}, list_accepted_digests(person, demands)
    digests = {compute_text_digest(text): text for text in demands.texts}
    texts = tuple(
        RequiredText(digest, text, digest in said.accepted_texts, errors.get(digest, ""))
        for digest, text in digests.items()
        if digest not in known
    )
    names = dict.fromkeys(field.name for field in demands.fields)
    fields = tuple(_build_required_field(demands, name, said, errors) for name in names)
    return RequiredFields(_compute_digest(demands) if fields or texts else "", fields, texts)


def get_required_fields(
    request: HttpRequest,
    person: Person,
    form: RequiredInformationForm,
    ahead: RequiredInformation,
    kept: Mapping[str, str] | None = None,
) -> RequiredFields:
    """The fields to show: those of the refused submission, else those of the preview, with what was typed, at first
    `kept`.
    """
    refused, said = (
        form.missing_information,
        parse_provided_information(request.POST) if request.POST else ProvidedInformation(kept or {}),
    )
    demands, wrong = (refused.demands, refused.by_name) if refused else (ahead, {})
    return build_required_fields(person, demands, said, wrong)


def get_changed_required_fields(request: HttpRequest, demands: RequiredFields) -> RequiredFields | None:
    """None unless the requirements differ from those of the submitted form."""
    return None if demands.digest == request.POST.get("demanded", "") else demands


def _build_required_field(
    demands: RequiredInformation, name: str, said: ProvidedInformation, errors: Mapping[str, str]
) -> RequiredField:
    same = [field for field in demands.fields if field.name == name]
    label = " / ".join(dict.fromkeys(field.label for field in same))
    helps = tuple(dict.fromkeys(field.help for field in same if field.help))
    return RequiredField(name, label, helps, said.answers.get(name, ""), errors.get(name, ""))


def _compute_digest(demands: RequiredInformation) -> str:
    return hashlib.sha256(json.dumps(demands.to_json(), sort_keys=True).encode()).hexdigest()[:16]
