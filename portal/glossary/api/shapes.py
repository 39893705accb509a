"""Inputs and outputs of terms, and the content that an input says."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from catalog.glossary.content import (
    MAX_DEFINITION_LENGTH,
    MAX_NAME_LENGTH,
    MAX_REASON_LENGTH,
    MAX_SYNONYMS,
    TermContent,
    parse_content,
)
from catalog.glossary.may import get_term_domain
from catalog.glossary.models import Term
from catalog.glossary.states import TermState
from catalog.products.models import Domain
from identity.people.models import Team
from kernel.errors import RefusedError
from portal.api.fields import EnumOut, ReferenceIn
from portal.api.references import OptionalReference, Reference, Resource, absolute
from portal.api.serializers import StrictSerializer


class GlossaryTermOut(Resource):
    """A term of the glossary; `domain` is null for a term of the whole organisation. Searches use approved ones alone. A
    replaced one leads to `replaced_by`.
    """

    route = "api-glossary-term"
    key = "slug"
    name = serializers.CharField()
    domain = OptionalReference()
    definition = serializers.CharField()
    synonyms = serializers.ListField(child=serializers.CharField())
    owner_team = Reference()
    state = EnumOut(TermState.values)
    replaced_by = OptionalReference()

    @extend_schema_field(serializers.URLField())  # type: ignore[untyped-decorator]
    def get_html_url(self, row: Term) -> str | None:
        return absolute(self.context["request"], "glossary-term", row.slug)


class TermChangeIn(StrictSerializer):
    """What changes; what is left out stays. Send null as `domain` for a term of the whole organisation."""

    name = serializers.CharField(max_length=MAX_NAME_LENGTH, required=False)
    domain = ReferenceIn(required=False, allow_null=True)
    definition = serializers.CharField(max_length=MAX_DEFINITION_LENGTH, required=False)
    synonyms = serializers.ListField(
        child=serializers.CharField(max_length=MAX_NAME_LENGTH), required=False, max_length=MAX_SYNONYMS
    )
    owner_team = ReferenceIn(required=False)
    note = serializers.CharField(max_length=MAX_REASON_LENGTH, required=False, allow_blank=True)


class NewTermIn(StrictSerializer):
    """Without an `owner_team`, the domain's team answers for the term."""

    name = serializers.CharField(max_length=MAX_NAME_LENGTH)
    domain = ReferenceIn(required=False, allow_null=True)
    definition = serializers.CharField(max_length=MAX_DEFINITION_LENGTH)
    synonyms = serializers.ListField(
        child=serializers.CharField(max_length=MAX_NAME_LENGTH), required=False, max_length=MAX_SYNONYMS
    )
    owner_team = ReferenceIn(required=False)


CONTENT_MEMBERS = ("name", "domain", "definition", "synonyms", "owner_team")


def read_new_content(said: Mapping[str, Any]) -> TermContent:
    """RefusedError for a domain or a team that does not exist, or without any."""
    named = resolve_content(said)
    domain = get_term_domain(named.get("domain"))
    team = named.get("owner_team") or (domain.owner_team_id if domain else None)
    if team is None:
        raise RefusedError(_("Choose the team that answers for the term."), "owner_team")
    return TermContent(
        named.get("name", ""),
        domain.pk if domain else None,
        named.get("definition", ""),
        tuple(named.get("synonyms", ())),
        team,
    )


def read_changed_content(said: Mapping[str, Any], current: TermContent) -> TermContent:
    """RefusedError for a domain or a team that does not exist."""
    return parse_content(resolve_content(said), current)


def resolve_content(said: Mapping[str, Any]) -> dict[str, Any]:
    """The members of the content, with ids of the domain and the team in place of their slugs."""
    found = {name: said[name] for name in CONTENT_MEMBERS if name in said}
    if found.get("domain") is not None:
        domain = Domain.objects.filter(slug=found["domain"]).first()
        if domain is None:
            raise RefusedError(_("Choose a domain, or the whole organisation."), "domain")
        found["domain"] = domain.pk
    if "owner_team" in found:
        team = Team.objects.filter(slug=found["owner_team"]).first()
        if team is None:
            raise RefusedError(_("Choose the team that answers for the term."), "owner_team")
        found["owner_team"] = team.pk
    return found
