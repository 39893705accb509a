"""What policies require from the requester, compared with the answers and stored with the item."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.utils.translation import gettext as _

from identity.people.events import record_by_person
from identity.people.models import Person
from kernel.errors import RefusedError
from lakeformation.values.wording import list_names
from requests_app.access_requests.input_checks import build_form_reused_error
from requests_app.access_requests.models import AccessRequest, RequestItem
from requests_app.errors import MissingInformationError
from requests_app.policies.models import RequiredTextAcceptance
from requests_app.policy_engine.required_information import (
    AnswerProblem,
    MissingInformation,
    RequiredInformation,
    compute_text_digest,
    find_missing_information,
    merge_required_information,
)

MAX_LISTED = 5


@dataclass(frozen=True)
class ProvidedInformation:
    """`answers` by the name of the field that a rule requires, in one line each; `accepted_texts` are digests
    of the texts that are accepted. What no rule demands is not kept.
    """

    answers: Mapping[str, str] = field(default_factory=dict)
    accepted_texts: Collection[str] = ()

    def get_answer(self, name: str) -> str:
        return " ".join(self.answers.get(name, "").split())

    def __bool__(self) -> bool:
        return bool(self.accepted_texts) or any(self.get_answer(name) for name in self.answers)


NOTHING_PROVIDED = ProvidedInformation()


def get_required_information(item: RequestItem) -> RequiredInformation:
    """By the verdict that the item has."""
    return RequiredInformation.from_verdict(item.verdict)


def store_answers(
    items: Sequence[RequestItem], person: Person, provided: ProvidedInformation, now: datetime
) -> None:
    """Write on each item, not saved, what its rules demand of what was said, and keep what is accepted anew.

    MissingInformationError with all that any of them lacks.
    """
    demands = merge_required_information(get_required_information(item) for item in items)
    if not demands:
        return
    known = list_accepted_digests(person, demands)
    before = {name: answer for item in items for name, answer in item.answers.items()}
    answers = before | {
        one.name: provided.get_answer(one.name) for one in demands.fields if one.name in provided.answers
    }
    lack = find_missing_information(demands, answers, known | set(provided.accepted_texts))
    if lack:
        wrong = {
            AnswerProblem.EMPTY: _("A policy requires this."),
            AnswerProblem.LONG: _("Enter one line of at most 200 characters."),
            AnswerProblem.PATTERN: _("This does not have the format that the policy requires."),
        }
        messages = {name: wrong[one] for name, one in lack.answers.items()}
        accept = _("A policy requires you to read and accept this.")
        raise MissingInformationError(
            demands, messages | {compute_text_digest(text): accept for text in lack.texts}
        )
    for item in items:
        item.answers = item.answers | {
            one.name: answers[one.name] for one in get_required_information(item).fields
        }
    for text in demands.texts:
        if compute_text_digest(text) not in known:
            digest = compute_text_digest(text)
            event = record_by_person(
                "accept_required_text", person, f"person:{person.pk}", {"digest": digest}, now
            )
            RequiredTextAcceptance.objects.create(
                person=person, digest=digest, text=text, accepted_at=now, event=event
            )


def check_same_answers(first: AccessRequest, provided: ProvidedInformation) -> None:
    """RefusedError if the key of an earlier request is reused with different answers."""
    kept = {name: answer for item in first.items.all() for name, answer in item.answers.items()}
    if any(name in provided.answers and provided.get_answer(name) != answer for name, answer in kept.items()):
        raise build_form_reused_error()


def find_missing_on_item(item: RequestItem, required_information: RequiredInformation) -> MissingInformation:
    """What of these demands its requester has not met. One query where there is a text."""
    return find_missing_information(
        required_information,
        item.answers,
        list_accepted_digests(item.request.current_requester, required_information),
    )


def check_information_complete(item: RequestItem, required_information: RequiredInformation) -> None:
    """RefusedError if nobody can approve it before the requester has given more information."""
    if what := list_missing_labels(required_information, find_missing_on_item(item, required_information)):
        raise RefusedError(describe_missing_information(what), "items")


def list_missing_labels(required_information: RequiredInformation, lack: MissingInformation) -> str:
    """What is not there, listed; empty where nothing lacks."""
    labels = [one.label for one in required_information.fields if one.name in lack.answers]
    texts = [_("a text to be accepted")] if lack.texts else []
    return list_names(list(dict.fromkeys(labels + texts)), MAX_LISTED)


def describe_missing_information(what: str) -> str:
    """For deciders."""
    return _("A policy requires more information from the requester: %(what)s. Ask them for a change.") % {
        "what": what
    }


def list_accepted_digests(person: Person, required_information: RequiredInformation) -> set[str]:
    """Digests of those of the texts that the person has accepted before. One query, or none."""
    return {one.digest for one in list_text_acceptances(person, required_information)}


def list_text_acceptances(
    person: Person, required_information: RequiredInformation
) -> tuple[RequiredTextAcceptance, ...]:
    """Of those of the texts that the person has accepted, the first one first. One query, or none."""
    digests = [compute_text_digest(text) for text in required_information.texts]
    if not digests:
        return ()
    return tuple(RequiredTextAcceptance.objects.filter(person=person, digest__in=digests).order_by("pk"))
