"""Who can open the administration pages, and where they sign in."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from identity.people.models import Person


@login_not_required
def sign_in(request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:  # noqa: ARG001
    """To the site's sign-in; who is signed in and still comes here may not enter."""
    if admin.site.has_permission(request):
        return redirect("admin:index")
    if request.user.is_authenticated:
        raise PermissionDenied
    return redirect_to_login(request.GET.get("next", request.path))


def may_open_administration(request: HttpRequest) -> bool:
    """Staff, and governance admins."""
    return isinstance(request.user, Person) and request.user.may_open_administration


admin.site.login = sign_in  # type: ignore[method-assign]
admin.site.has_permission = may_open_administration  # type: ignore[method-assign]
admin.site.site_header = admin.site.site_title = "Meshmarket administration"
