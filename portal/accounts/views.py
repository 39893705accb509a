"""How an account is connected: proposed, given the templates of its roles, looked at, registered."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from audit import clock
from identity.accounts.models import Account
from identity.connections.models import Connection
from identity.connections.queries import connection_for, connections, is_ready, latest_checkup
from identity.connections.registration import propose_account, register_account, request_checkup
from identity.errors import RefusedError
from portal.accounts.forms import RECEIVES, ConnectForm
from portal.pages.partials import NO_CONTENT, page_or_fragment, unchanged
from portal.pages.refusals import hides_what_is_not_yours
from portal.pages.signed_in import person_of

TEMPLATES = ("worker", "granting-account", "consuming-account")
FIRST = {
    "kind": RECEIVES,
    "in_organisation": True,
    "environment": Account.Environment.PRODUCTION,
    "region": settings.AWS_WORKER_REGION,
}


@require_http_methods(["GET", "POST"])
@hides_what_is_not_yours
def accounts(request: HttpRequest) -> HttpResponse:
    """The accounts of the mesh, those on their way into it, and the form that begins with another."""
    person = person_of(request)
    waiting = connections(person)
    form = ConnectForm(request.POST or None, initial=FIRST)
    if form.is_bound and form.is_valid():
        made = _proposed(request, form)
        if made:
            return redirect("account-connection", made.pk)
    context = {
        "form": form,
        "waiting": waiting,
        "accounts": Account.objects.select_related("team").order_by("name"),
    }
    return render(request, "portal/accounts/list.html", context, status=422 if form.is_bound else 200)


def _proposed(request: HttpRequest, form: ConnectForm) -> Connection | None:
    person, now = person_of(request), clock.now()
    try:
        return propose_account(acting_user=person, proposal=form.proposal, now=now)
    except RefusedError as error:
        form.add_error(error.field or None, error.message)
        return None


@require_GET
@hides_what_is_not_yours
def connection(request: HttpRequest, pk: int) -> HttpResponse:
    """The page; to htmx its check-up, or nothing when nothing has changed since `seen`."""
    row = connection_for(person_of(request), pk)
    context = _story(row)
    if unchanged(request, str(context["mark"])):
        return HttpResponse(status=NO_CONTENT)
    return page_or_fragment(request, "portal/accounts/detail.html", "checkup", context)


def _story(row: Connection) -> dict[str, Any]:
    checkup = latest_checkup(row)
    return {
        "row": row,
        "account": row.as_account(),
        "template": "granting-account" if row.grants else "consuming-account",
        "checkup": checkup,
        "waits": checkup is not None and checkup.finished_at is None,
        "ready": is_ready(checkup),
        "mark": f"{checkup.pk}-{checkup.finished_at is not None}" if checkup else "none",
    }


@require_POST
@hides_what_is_not_yours
def check(request: HttpRequest, pk: int) -> HttpResponse:
    request_checkup(acting_user=person_of(request), connection_id=pk, now=clock.now())
    return redirect("account-connection", pk)


@require_POST
@hides_what_is_not_yours
def register(request: HttpRequest, pk: int) -> HttpResponse:
    try:
        account = register_account(acting_user=person_of(request), connection_id=pk, now=clock.now())
    except RefusedError as error:
        messages.error(request, error.message)
        return redirect("account-connection", pk)
    messages.success(request, _("%(account)s is connected.") % {"account": account.name})
    return redirect("account-connection", pk)


@require_GET
@hides_what_is_not_yours
def template(request: HttpRequest, name: str) -> HttpResponse:
    """A CloudFormation template of `deploy/aws` as a file to keep."""
    connections(person_of(request))
    if name not in TEMPLATES:
        raise Http404
    text = (settings.ROOT / "deploy" / "aws" / f"{name}.yaml").read_text()
    disposition = f'attachment; filename="{name}.yaml"'
    return HttpResponse(
        text, content_type="text/yaml; charset=utf-8", headers={"Content-Disposition": disposition}
    )
