"""Sign-in, sign-out, and the list of keys."""

from django.apps import apps
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

EXTRA_DOOR = "demo/door.html" if apps.is_installed("demo") else ""

sign_in = LoginView.as_view(
    template_name="portal/sign_in.html",
    redirect_authenticated_user=True,
    extra_context={"extra_door": EXTRA_DOOR},
)


def keys(request: HttpRequest) -> HttpResponse:
    return render(request, "portal/keys.html")
