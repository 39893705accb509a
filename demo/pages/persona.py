"""Switches to another person without a password. Only in the demo."""

from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from identity.people.models import Person
from portal.pages.post_fields import get_next_url

BACKEND = "django.contrib.auth.backends.ModelBackend"


@login_not_required
@require_POST
def switch_persona(request: HttpRequest, pk: int) -> HttpResponse:
    person = get_object_or_404(Person, pk=pk, is_active=True)
    login(request, person, backend=BACKEND)
    return redirect(get_next_url(request) or "home")
