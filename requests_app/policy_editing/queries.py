"""The policies that a person may see."""

from dataclasses import dataclass

from django.db.models import Prefetch, QuerySet

from catalog.products.models import Domain
from identity.people.may import can_read_everything, get_team_ids
from identity.people.models import Person
from kernel.errors import NotFoundError
from requests_app.policies.models import PolicyVersion
from requests_app.policies.states import PolicyState
from requests_app.policy_editing.may import may_draft_policy, may_view_policy

GLOBAL_SLUG = "global"
"""The name of the global scope where others are domains' slugs; no domain may have it."""


@dataclass(frozen=True)
class PolicyScope:
    """The rules of a domain, or of all (`domain` None): those published, a draft, and every version, newest first."""

    domain: Domain | None
    versions: tuple[PolicyVersion, ...]
    may_write: bool

    @property
    def slug(self) -> str:
        return self.domain.slug if self.domain else GLOBAL_SLUG

    @property
    def published(self) -> PolicyVersion | None:
        return self._find_version(PolicyState.PUBLISHED)

    @property
    def draft(self) -> PolicyVersion | None:
        return self._find_version(PolicyState.DRAFT)

    def _find_version(self, state: PolicyState) -> PolicyVersion | None:
        return next((version for version in self.versions if version.state == state), None)


def list_policy_scopes(person: Person) -> list[PolicyScope]:
    """The global scope, then the domains that the person may see, by name."""
    domains = Domain.objects.select_related("owner_team").order_by("name")
    if not can_read_everything(person):
        domains = domains.filter(owner_team__in=get_team_ids(person))
    rows = domains.prefetch_related(Prefetch("policies", _select_versions()))
    known = [PolicyScope(row, tuple(row.policies.all()), bool(may_draft_policy(person, row))) for row in rows]
    return [_get_global_scope(person), *known]


def get_policy_scope(person: Person, slug: str) -> PolicyScope:
    """By its slug. NotFoundError."""
    if slug == GLOBAL_SLUG:
        return _get_global_scope(person)
    domain = Domain.objects.select_related("owner_team").filter(slug=slug).first()
    if domain is None or not may_view_policy(person, domain):
        raise NotFoundError
    versions = tuple(_select_versions().filter(domain=domain))
    return PolicyScope(domain, versions, bool(may_draft_policy(person, domain)))


def _get_global_scope(person: Person) -> PolicyScope:
    return PolicyScope(
        None, tuple(_select_versions().filter(domain=None)), bool(may_draft_policy(person, None))
    )


def _select_versions() -> QuerySet[PolicyVersion]:
    return PolicyVersion.objects.select_related("written_by", "published_by", "domain").order_by("-number")
