"""The administration pages: who opens them, where people sign in, and what the start page shows."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.sync.runs import may_request_sync
from identity.connections import may_connect_accounts
from identity.people.may import may_read_audit_log
from identity.people.models import Person
from identity.role_changes.may import may_see_role_changes
from portal.admin_site.attention import list_attention
from requests_app.permissions.may import sees_all_permissions

TASKS: Sequence[tuple[str | Promise, frozenset[str]]] = (
    (
        gettext_lazy("People, teams and roles"),
        frozenset({"Person", "Team", "Membership", "PlatformRole", "Group"}),
    ),
    (
        gettext_lazy("Accounts and catalogs"),
        frozenset({"Account", "ConnectedCatalog", "Principal", "Trail", "SamplingRole", "AccountConnection"}),
    ),
    (gettext_lazy("Domains and data products"), frozenset({"Domain", "DataProduct", "ProductTable"})),
    (gettext_lazy("Workers and writes to AWS"), frozenset({"Valve", "Hold", "Scope", "TaskFailure"})),
    (gettext_lazy("Search, usage and cost"), frozenset({"RankingWeights", "ScanPrice"})),
)
"""Names of models by task, in the order of how often people come for it."""


@dataclass(frozen=True)
class TaskGroup:
    """Models as in the list of Django's index."""

    name: str | Promise
    models: Sequence[Mapping[str, Any]]


def group_by_task(app_list: Iterable[Mapping[str, Any]]) -> list[TaskGroup]:
    """What the person may add, change or delete."""
    models = [model for app in app_list for model in app["models"] if not model["view_only"]]
    task_names = frozenset(name for _label, names in TASKS for name in names)
    groups = [
        TaskGroup(name, [model for model in models if model["object_name"] in names]) for name, names in TASKS
    ]
    rest = TaskGroup(
        gettext_lazy("Other settings"), [model for model in models if model["object_name"] not in task_names]
    )
    return [group for group in (*groups, rest) if group.models]


class PortalAdminSite(AdminSite):
    site_header = site_title = gettext_lazy("Meshmarket administration")
    index_title = gettext_lazy("Administration")

    def has_permission(self, request: HttpRequest) -> bool:
        """Staff, and governance admins."""
        return isinstance(request.user, Person) and request.user.may_open_administration

    @method_decorator(login_not_required)
    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:  # noqa: ARG002 - Django's signature
        """To the site's sign-in; who is signed in and still comes here may not enter."""
        if self.has_permission(request):
            return redirect("admin:index")
        if request.user.is_authenticated:
            raise PermissionDenied
        return redirect_to_login(request.GET.get("next", request.path))

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        context = super().each_context(request)
        if self.has_permission(request):
            assert isinstance(request.user, Person)
            # Two queries at most: the person's roles.
            request.user.uses_request_cache = True
            candidates = (
                (True, _("Portal"), "home"),
                (may_connect_accounts(request.user), _("Accounts"), "accounts"),
                (may_request_sync(request.user), _("Catalog sync"), "sync-runs"),
                (sees_all_permissions(request.user), _("Permissions and drift"), "permissions"),
                (sees_all_permissions(request.user), _("System health"), "health"),
                (may_see_role_changes(request.user), _("Role changes"), "role-changes"),
                (may_read_audit_log(request.user), _("Audit log"), "audit-log"),
            )
            portal_links = [
                PortalLink(label, reverse(name)) for allowed, label, name in candidates if allowed
            ]
            context["portal_links"] = portal_links
        return context

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        tasks = group_by_task(self.get_app_list(request))
        return super().index(
            request, {"attention": list_attention(request), "tasks": tasks, **(extra_context or {})}
        )

    def app_index(
        self, request: HttpRequest, app_label: str, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        """Its page extends that of `index`."""
        return super().app_index(
            request, app_label, {"attention": list_attention(request), "tasks": (), **(extra_context or {})}
        )


@dataclass(frozen=True)
class PortalLink:
    label: str
    url: str
