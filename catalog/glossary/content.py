"""What people write about a term, checked field by field. Each RefusedError names the form's field."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from django.utils.translation import gettext as _

from catalog.glossary.models import Term
from catalog.products.models import Domain
from identity.people.models import Team
from kernel.errors import RefusedError
from kernel.text import check_text
from lakeformation.values.canonical_json import digest

MAX_NAME_LENGTH, MAX_DEFINITION_LENGTH, MAX_REASON_LENGTH = 80, 4000, 2000
MAX_SYNONYMS = 20


@dataclass(frozen=True)
class TermContent:
    """The editable fields of a term. `domain` and `owner_team` are ids; without a domain it is the whole organisation's."""

    name: str
    domain: int | None
    definition: str
    synonyms: tuple[str, ...]
    owner_team: int

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "synonyms": list(self.synonyms)}


def read_content(term: Term) -> TermContent:
    return TermContent(term.name, term.domain_id, term.definition, tuple(term.synonyms), term.owner_team_id)


def read_state(term: Term) -> dict[str, Any]:
    """All that a revision keeps: the content, the state and the successor."""
    return {**read_content(term).to_json(), "state": str(term.state), "replaced_by": term.replaced_by_id}


def parse_content(given: Mapping[str, Any], known: TermContent) -> TermContent:
    """What is not mentioned stays as in `known`."""
    synonyms = {"synonyms": tuple(given["synonyms"])} if "synonyms" in given else {}
    return replace(known, **{**given, **synonyms})


def content_from_json(given: Mapping[str, Any]) -> TermContent:
    """The reverse of `to_json`."""
    return TermContent(**{**given, "synonyms": tuple(given["synonyms"])})


def merge_content(before: Mapping[str, Any], after: Mapping[str, Any], current: TermContent) -> TermContent:
    """`current` with the fields that differ between `before` and `after`: what changed elsewhere stays."""
    return parse_content(
        {field: value for field, value in after.items() if before.get(field) != value}, current
    )


def compute_term_digest(term: Term | None) -> str:
    """What a form was made from. It changes with all that people edit."""
    return digest(read_state(term) if term else None)


def check_content(content: TermContent, term: Term | None) -> TermContent:
    """The content with its texts stripped, and its synonyms once each. `term` is None for a new one. RefusedError at the
    first invalid field.
    """
    name = " ".join(_check_text(content.name, "name", MAX_NAME_LENGTH).split())
    definition = _check_text(content.definition, "definition", MAX_DEFINITION_LENGTH)
    if not name:
        raise RefusedError(_("Give the term a name."), "name")
    if not definition:
        raise RefusedError(_("Say what the term means."), "definition")
    domain = _check_domain(content.domain)
    if not Team.objects.filter(pk=content.owner_team).exists():
        raise RefusedError(_("Choose the team that answers for the term."), "owner_team")
    others = Term.objects.filter(name__iexact=name, domain=domain)
    if (others.exclude(pk=term.pk) if term else others).exists():
        where = domain.name if domain else _("The whole organisation")
        raise RefusedError(_("%(domain)s has a term of this name already.") % {"domain": where}, "name")
    # Once each, whatever the case, without the name itself.
    checked = (" ".join(_check_text(word, "synonyms", MAX_NAME_LENGTH).split()) for word in content.synonyms)
    by_key: dict[str, str] = {}
    for word in checked:
        if word and word.casefold() != name.casefold():
            by_key.setdefault(word.casefold(), word)
    if len(by_key) > MAX_SYNONYMS:
        raise RefusedError(_("Use at most %(most)s synonyms.") % {"most": MAX_SYNONYMS}, "synonyms")
    synonyms = tuple(by_key.values())
    return TermContent(name, content.domain, definition, synonyms, content.owner_team)


def check_reason(text: str, field: str = "reason", *, required: bool = False) -> str:
    """Stripped. RefusedError if it is too long, or empty where one is required."""
    found = _check_text(text, field, MAX_REASON_LENGTH)
    if required and not found:
        raise RefusedError(_("Give a reason in one sentence."), field)
    return found


def _check_text(text: str, field: str, most: int) -> str:
    return check_text(text.replace("\r\n", "\n").strip(), field, most)


def _check_domain(domain_id: int | None) -> Domain | None:
    if domain_id is None:
        return None
    domain = Domain.objects.filter(pk=domain_id).first()
    if domain is None:
        raise RefusedError(_("Choose a domain, or the whole organisation."), "domain")
    return domain
