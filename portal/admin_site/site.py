"""The administration pages: who opens them, where people sign in, and what the start page shows."""

from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _

from identity.people.models import Person
from portal.admin_site.attention import list_attention
from portal.admin_site.portal_links import list_portal_links


class PortalAdminSite(AdminSite):
    site_header = site_title = _("Meshmarket administration")
    index_title = _("Administration")

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
            context["portal_links"] = list_portal_links(request.user)
        return context

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        return super().index(request, {"attention": list_attention(request), **(extra_context or {})})

    def app_index(
        self, request: HttpRequest, app_label: str, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        """Its page extends that of `index`."""
        return super().app_index(
            request, app_label, {"attention": list_attention(request), **(extra_context or {})}
        )
