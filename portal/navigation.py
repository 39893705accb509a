"""Sections of the portal and their pages, each only for people whom it concerns."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache

from django.urls import reverse
from django.utils.translation import gettext as _

from catalog.classification.actions import sees_classification
from catalog.lineage.may import sees_unmatched_datasets
from catalog.publication_rules.actions import may_save_publication_rules
from catalog.sync.runs import may_request_sync
from catalog.tag_changes.may import sees_all_tags
from identity.connections import may_connect_accounts
from identity.people.may import (
    can_read_everything,
    get_all_roles,
    has_platform_role,
    may_read_audit_log,
)
from identity.people.models import Membership, Person, PlatformRole
from identity.role_changes.may import is_governor
from identity.service_tokens import sees_tokens
from requests_app.notifications.webhooks.may import sees_webhooks
from requests_app.permissions.may import sees_all_permissions

DECIDING_ROLES = frozenset({Membership.Role.DATA_OWNER, Membership.Role.ACCOUNT_ADMIN, Membership.Role.LEAD})
PRODUCING_ROLES = frozenset({Membership.Role.DATA_OWNER, Membership.Role.DEVELOPER})

SEARCH_PREFIXES = (
    "/data-products/",
    "/tables/",
    "/questions/",
    "/release-notes/",
    "/quality-rulesets/",
    "/quality-results/",
)


@dataclass(frozen=True)
class Page:
    """A page of the navigation. `prefixes`: paths of further pages that belong to it. `inside`: pages under its entry, itself
    among them.
    """

    name: str
    label: str
    prefixes: tuple[str, ...] = ()
    inside: tuple["Page", ...] = ()

    @property
    def url(self) -> str:
        return _get_url(self.name)

    @property
    def pages(self) -> tuple["Page", ...]:
        """The pages that its entry leads to."""
        return self.inside or (self,)


@cache
def _get_url(name: str) -> str:
    """Every page of the portal reads the addresses of all sections."""
    return reverse(name)


@dataclass(frozen=True)
class Section:
    """Pages that belong together; the first one opens with the section."""

    name: str
    label: str
    pages: tuple[Page, ...]

    @property
    def all_pages(self) -> tuple[Page, ...]:
        return tuple(page for entry in self.pages for page in entry.pages)


def build_sections(person: Person, *, decides: bool) -> tuple[Section, ...]:
    """`decides`: whether something waits for the person, or somebody delegated decisions to them, whatever their roles."""
    held, platform_roles = get_all_roles(person)
    team_roles = frozenset(role for _team, role in held)
    governs = bool(platform_roles)
    produces = bool(team_roles & PRODUCING_ROLES)
    reviews = decides or governs or bool(team_roles & DECIDING_ROLES)
    sections = (
        Section("discover", _("Discover"), tuple(_list_discover_pages())),
        Section("access", _("My access"), tuple(_list_access_pages())),
        Section("decide", _("Decide"), tuple(_list_decide_pages(governs=governs)) if reviews else ()),
        Section("products", _("My products"), tuple(_list_product_pages(person)) if produces else ()),
        Section("govern", _("Govern"), tuple(_list_govern_pages(person, governs=governs, produces=produces))),
    )  # fmt: skip
    return tuple(section for section in sections if section.pages)


def _list_discover_pages() -> Iterator[Page]:
    yield Page("search", _("Search"), SEARCH_PREFIXES)
    yield Page("domains", _("Domains"), ("/teams/", "/people/"))
    yield Page("catalogs", _("Catalogs"))
    yield Page("glossary", _("Glossary"))
    yield Page("saved-searches", _("Saved searches"))
    yield Page("follows", _("Following"))
    yield Page("problems", _("Problems"))
    yield Page("mesh", _("Mesh"))


def _list_access_pages() -> Iterator[Page]:
    yield Page("grants", _("Access"), ("/holds/", "/bulk-revocations/"))
    yield Page("access-requests", _("Requests"), ("/request-items/",))
    yield Page("baskets", _("Basket"))
    yield Page("break-glass", _("Break-glass"))
    yield Page("usage", _("Usage and cost"))


def _list_decide_pages(*, governs: bool) -> Iterator[Page]:
    yield Page("reviews", _("Inbox"), ("/bulk-decisions/", "/derivation-requests/", "/recreated-tables/"))
    yield Page("reviews-decided", _("Decided"))
    yield Page("delegations", _("Delegations"))
    if not governs:
        yield Page("access-reviews", _("Access reviews"))
        yield Page("policies", _("Policies"))


def _list_product_pages(person: Person) -> Iterator[Page]:
    yield Page("my-products", _("Products"), ("/offers/",))
    yield from _list_registration_pages()
    if sees_classification(person):
        yield Page("classification", _("Classification"))
    yield Page("tags", _("Tags"), ("/tag-changes/",))
    yield from _list_lineage_pages(person)
    if sees_tokens(person):
        yield Page("tokens", _("Service tokens"))


def _list_govern_pages(person: Person, *, governs: bool, produces: bool) -> Iterator[Page]:
    if sees_all_permissions(person):
        yield Page("posture", _("Posture"))
    yield from _group_pages(_("Accounts"), _list_account_pages(person, produces=produces))
    yield from _group_pages(_("Catalogs"), _list_catalog_pages(person, produces=produces))
    if governs:
        rules = (
            [Page("publication-rules", _("Publication rules"))] if may_save_publication_rules(person) else []
        )
        yield from _group_pages(_("Policies"), [Page("policies", _("Access policies")), *rules])
    if sees_all_permissions(person):
        yield Page("permissions", _("Permissions and drift"), ("/drift-findings/",))
    if governs:
        yield Page("access-reviews", _("Access reviews"))
    log = [Page("audit-log", _("Audit log"), ("/audit-events/",))] if may_read_audit_log(person) else []
    webhooks = [Page("webhooks", _("Webhooks"))] if sees_webhooks(person) else []
    yield from _group_pages(_("Audit"), [*log, *webhooks])


def _group_pages(label: str, pages: Iterable[Page]) -> Iterator[Page]:
    """The first of the pages, named after the group, with all of them inside; a single page as it is."""
    inside = tuple(pages)
    if len(inside) > 1:
        yield replace(inside[0], label=label, inside=inside)
    else:
        yield from inside


def _list_account_pages(person: Person, *, produces: bool) -> Iterator[Page]:
    if may_connect_accounts(person):
        yield Page(
            "accounts", _("AWS accounts"), ("/account-connections/", "/local-groups/", "/service-roles/")
        )
    if is_governor(person):
        yield Page("role-changes", _("Role changes"))
    if not produces and sees_tokens(person):
        yield Page("tokens", _("Service tokens"))


def _list_catalog_pages(person: Person, *, produces: bool) -> Iterator[Page]:
    if may_request_sync(person):
        yield Page("sync-runs", _("Catalog sync"))
    if not produces:
        if can_read_everything(person):
            yield from _list_registration_pages()
        if sees_classification(person):
            yield Page("classification", _("Classification"))
        if sees_all_tags(person):
            yield Page("tags", _("Tags"), ("/tag-changes/",))
        yield from _list_lineage_pages(person)


def _list_registration_pages() -> Iterator[Page]:
    yield Page("registrations", _("Registrations"), ("/schema-updates/", "/crawler-runs/"))
    yield Page("write-requests", _("Write access"))


def _list_lineage_pages(person: Person) -> Iterator[Page]:
    if sees_unmatched_datasets(person):
        yield Page("lineage-jobs", _("Jobs"))
        yield Page("unmatched-datasets", _("Unmatched datasets"), ("/lineage-datasets/",))


def list_menu_pages(person: Person) -> Iterator[Page]:
    """Pages of governance in the person's menu, which belong to no section."""
    if sees_all_permissions(person):
        yield Page("health", _("System health"))
    if may_administer(person):
        yield Page("admin:index", _("Administration"))


def may_administer(person: Person) -> bool:
    """Whether the administration pages open for the person."""
    governs = has_platform_role(person, PlatformRole.Role.GOVERNANCE_ADMIN)
    return person.is_active and (person.is_staff or governs)


def find_current_page(
    sections: tuple[Section, ...], path: str, placed: Iterable[str] = ()
) -> tuple[Section | None, Page | None]:
    """The first of the pages that the view has `placed` it at; else the page that a path belongs to, of several the one whose
    prefix is the longest.
    """
    by_name = {page.name: (section, page) for section in sections for page in section.all_pages}
    if chosen := next((by_name[name] for name in placed if name in by_name), None):
        return chosen
    found: tuple[Section | None, Page | None] = (None, None)
    longest = 0
    for section in sections:
        for page in section.all_pages:
            length = max(
                (len(prefix) for prefix in (page.url, *page.prefixes) if path.startswith(prefix)), default=0
            )
            if length > longest:
                found, longest = (section, page), length
    return found
