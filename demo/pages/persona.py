"""Be someone else, without a password. Exists in the demo alone."""

from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from identity.people.models import Person
from portal.pages.post_fields import address_in

BACKEND = "django.contrib.auth.backends.ModelBackend"


@login_not_required
@require_POST
def become(request: HttpRequest, pk: int) -> HttpResponse:
    person = get_object_or_404(Person, pk=pk, is_active=True)
    login(request, person, backend=BACKEND)
    return redirect(address_in(request) or "home")
