"""Links from the administration to the portal's pages that the person may open."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from catalog.sync.may import may_request_sync
from identity.connections.may import may_connect_accounts
from identity.people.may import may_read_audit_log
from identity.people.models import Person
from identity.role_changes.may import may_see_role_changes
from requests_app.permissions.may import sees_all_permissions


@dataclass(frozen=True)
class PortalLink:
    label: str
    url: str


def list_portal_links(person: Person) -> list[PortalLink]:
    """Two queries at most: the person's roles."""
    person.uses_request_cache = True
    candidates = (
        (True, _("Portal"), "home"),
        (may_connect_accounts(person), _("Accounts"), "accounts"),
        (may_request_sync(person), _("Catalog sync"), "sync-runs"),
        (sees_all_permissions(person), _("Permissions and drift"), "permissions"),
        (sees_all_permissions(person), _("System health"), "health"),
        (may_see_role_changes(person), _("Role changes"), "role-changes"),
        (may_read_audit_log(person), _("Audit log"), "audit-log"),
    )
    return [PortalLink(label, reverse(name)) for allowed, label, name in candidates if allowed]
