"""What policies demand of the requester, compared with the answers and stored with the item."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.utils.translation import gettext as _

from identity.errors import RefusedError
from identity.people.models import Person
from lakeformation.values.wording import listed
from requests_app.access_requests.events import record_by_person
from requests_app.access_requests.input_checks import build_form_reused_error
from requests_app.access_requests.models import AccessRequest, Item
from requests_app.errors import MissingInformationError
from requests_app.policies.models import RuleAcceptance
from requests_app.policy_engine.demands import Demands, Lack, Lacking, digest_of_text, lacking, together

MOST_NAMED = 5


@dataclass(frozen=True)
class Said:
    """With an ask: `answers` by the name of the field that a rule demands, in one line each; `agrees` are digests
    of the texts that are accepted. What no rule demands is not kept.
    """

    answers: Mapping[str, str] = field(default_factory=dict)
    agrees: Collection[str] = ()

    def line(self, name: str) -> str:
        return " ".join(self.answers.get(name, "").split())

    def __bool__(self) -> bool:
        return bool(self.agrees) or any(self.line(name) for name in self.answers)


NOTHING_SAID = Said()


def demands_of(item: Item) -> Demands:
    """By the verdict that the item has."""
    return Demands.of_verdict(item.verdict)


def keep_answers(items: Sequence[Item], person: Person, said: Said, now: datetime) -> None:
    """Write on each item, not saved, what its rules demand of what was said, and keep what is accepted anew.

    UnansweredError with all that any of them lacks.
    """
    demands = together(demands_of(item) for item in items)
    if not demands:
        return
    known = accepted_by(person, demands)
    before = {name: answer for item in items for name, answer in item.answers.items()}
    answers = before | {one.name: said.line(one.name) for one in demands.fields if one.name in said.answers}
    lack = lacking(demands, answers, known | set(said.agrees))
    if lack:
        raise MissingInformationError(demands, _words(lack))
    for item in items:
        item.answers = item.answers | {one.name: answers[one.name] for one in demands_of(item).fields}
    for text in demands.texts:
        if digest_of_text(text) not in known:
            _accept(person, text, now)


def check_same_answers(first: AccessRequest, said: Said) -> None:
    """RefusedError when the key of an earlier request comes with other answers: they would be lost unsaid."""
    kept = {name: answer for item in first.items.all() for name, answer in item.answers.items()}
    if any(name in said.answers and said.line(name) != answer for name, answer in kept.items()):
        raise build_form_reused_error()


def lacking_on(item: Item, demands: Demands) -> Lacking:
    """What of these demands its asker has not met. One query where there is a text."""
    return lacking(demands, item.answers, accepted_by(item.request.asker, demands))


def check_answered(item: Item, demands: Demands) -> None:
    """RefusedError when nobody can say yes to it before who asked has said more."""
    if what := named(demands, lacking_on(item, demands)):
        raise RefusedError(not_answered(what), "items")


def named(demands: Demands, lack: Lacking) -> str:
    """What is not there, listed; empty where nothing lacks."""
    labels = [one.label for one in demands.fields if one.name in lack.answers]
    texts = [_("a text to be accepted")] if lack.texts else []
    return listed(list(dict.fromkeys(labels + texts)), MOST_NAMED)


def not_answered(what: str) -> str:
    """For deciders."""
    return _("A rule demands more of who asked: %(what)s. Send it back to them.") % {"what": what}


def accepted_by(person: Person, demands: Demands) -> set[str]:
    """Digests of those of the texts that the person has accepted before. One query, or none."""
    return {one.digest for one in acceptances_of(person, demands)}


def acceptances_of(person: Person, demands: Demands) -> tuple[RuleAcceptance, ...]:
    """Of those of the texts that the person has accepted, the first one first. One query, or none."""
    digests = [digest_of_text(text) for text in demands.texts]
    if not digests:
        return ()
    return tuple(RuleAcceptance.objects.filter(person=person, digest__in=digests).order_by("pk"))


def _accept(person: Person, text: str, now: datetime) -> None:
    digest = digest_of_text(text)
    event = record_by_person("accept_rule", person, f"person:{person.pk}", {"digest": digest}, now)
    RuleAcceptance.objects.create(person=person, digest=digest, text=text, accepted_at=now, event=event)


def _words(lack: Lacking) -> dict[str, str]:
    """By a field's name, or a text's digest."""
    wrong = {
        Lack.EMPTY: _("A rule demands this."),
        Lack.LONG: _("One line of 200 characters at most, please."),
        Lack.PATTERN: _("This is not as the rule wants it."),
    }
    said = {name: wrong[one] for name, one in lack.answers.items()}
    accept = _("A rule demands that you read this and accept it.")
    return said | {digest_of_text(text): accept for text in lack.texts}
