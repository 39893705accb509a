"""Connect an account: propose, download role templates, check, register."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from identity.accounts import Account
from identity.connections import (
    AccountConnection,
    AccountProposal,
    check_account_id,
    check_region,
    get_connection,
    get_latest_checkup,
    is_checkup_passed,
    list_connections,
    propose_account,
    register_account,
    request_checkup,
)
from identity.keys import normalize_account_id
from identity.people.models import Team
from kernel.errors import RefusedError
from portal.pages.error_responses import return_404_if_hidden
from portal.pages.forms import PageForm
from portal.pages.partials import NO_CONTENT, is_unchanged, render_page_or_fragment
from portal.pages.request_time import get_request_time
from portal.pages.signed_in_person import get_signed_in_person

GRANTING, RECEIVING = "grants", "receives"
TEMPLATE_NAMES = ("worker", "granting-account", "consuming-account")
INITIAL_VALUES = {
    "kind": RECEIVING,
    "in_organisation": True,
    "environment": Account.Environment.PRODUCTION,
    "region": settings.AWS_WORKER_REGION,
}


class ConnectForm(PageForm):
    hidden_field_names = frozenset({"kind", "environment"})

    account_id = forms.CharField(
        label=gettext_lazy("Account id"),
        widget=forms.TextInput(attrs={"class": "mono", "inputmode": "numeric", "autocomplete": "off"}),
        max_length=20,
        error_messages={"required": gettext_lazy("Enter the twelve digits of the account.")},
    )
    name = forms.CharField(
        label=gettext_lazy("Name"),
        widget=forms.TextInput(attrs={"dir": "auto"}),
        max_length=120,
        error_messages={"required": gettext_lazy("Enter a name that people know.")},
    )
    region = forms.CharField(
        label=gettext_lazy("Region"),
        help_text=gettext_lazy("Shared databases appear as links in this region."),
        widget=forms.TextInput(attrs={"class": "mono"}),
        max_length=30,
        error_messages={"required": gettext_lazy("Choose the region for links.")},
    )
    team = forms.ModelChoiceField(
        Team.objects.none(),
        label=gettext_lazy("Responsible team"),
        empty_label="",
        error_messages={"required": gettext_lazy("Choose the responsible team.")},
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("What the account does"),
        choices=[
            (RECEIVING, gettext_lazy("receives data from other accounts")),
            (GRANTING, gettext_lazy("owns a catalog that other accounts read")),
        ],
        widget=forms.RadioSelect(),
    )
    in_organisation = forms.BooleanField(label=gettext_lazy("inside our AWS organisation"), required=False)
    environment = forms.ChoiceField(label=gettext_lazy("Environment"), choices=Account.Environment.choices)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["team"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = Team.objects.order_by("name")

    def clean_account_id(self) -> str:
        """Without the spaces and dashes by which people group the digits."""
        return _validate(normalize_account_id(self.cleaned_data["account_id"]), check_account_id)

    def clean_region(self) -> str:
        return _validate(self.cleaned_data["region"].strip().lower(), check_region)

    @property
    def proposal(self) -> AccountProposal:
        """The proposal of a valid form."""
        told = self.cleaned_data
        return AccountProposal(
            account_id=told["account_id"],
            name=told["name"].strip(),
            region=told["region"],
            team_id=told["team"].pk,
            grants=told["kind"] == GRANTING,
            in_organisation=told["in_organisation"],
            environment=told["environment"],
        )


@require_http_methods(["GET", "POST"])
@return_404_if_hidden
def accounts(request: HttpRequest) -> HttpResponse:
    """Connected accounts, pending connections and the form for a new one."""
    person = get_signed_in_person(request)
    waiting = list_connections(person)
    form = ConnectForm(request.POST or None, initial=INITIAL_VALUES)
    if form.is_bound and form.is_valid():
        made = _propose_account(request, form)
        if made:
            return redirect("account-connection", made.pk)
    context = {
        "form": form,
        "pending_connections": waiting,
        "accounts": Account.objects.select_related("team", "query_history").order_by("name"),
    }
    return render(request, "portal/accounts/list.html", context, status=422 if form.is_bound else 200)


def _propose_account(request: HttpRequest, form: ConnectForm) -> AccountConnection | None:
    person, now = get_signed_in_person(request), get_request_time(request)
    try:
        return propose_account(acting_user=person, proposal=form.proposal, now=now)
    except RefusedError as error:
        form.add_error(error.field or None, error.message)
        return None


@require_GET
@return_404_if_hidden
def connection(request: HttpRequest, pk: int) -> HttpResponse:
    """The page; htmx receives the checkup, or 204 if unchanged since `seen`."""
    row = get_connection(get_signed_in_person(request), pk)
    checkup = get_latest_checkup(row)
    context = {
        "connection": row,
        "account": row.as_account(),
        "template_name": "granting-account" if row.grants else "consuming-account",
        "checkup": checkup,
        "is_checking": checkup is not None and checkup.finished_at is None,
        "is_ready": is_checkup_passed(checkup),
        "content_hash": f"{checkup.pk}-{checkup.finished_at is not None}" if checkup else "none",
    }
    if is_unchanged(request, str(context["content_hash"])):
        return HttpResponse(status=NO_CONTENT)
    return render_page_or_fragment(request, "portal/accounts/detail.html", "checkup", context)


@require_POST
@return_404_if_hidden
def check(request: HttpRequest, pk: int) -> HttpResponse:
    request_checkup(
        acting_user=get_signed_in_person(request), connection_id=pk, now=get_request_time(request)
    )
    return redirect("account-connection", pk)


@require_POST
@return_404_if_hidden
def register(request: HttpRequest, pk: int) -> HttpResponse:
    try:
        account = register_account(
            acting_user=get_signed_in_person(request), connection_id=pk, now=get_request_time(request)
        )
    except RefusedError as error:
        messages.error(request, error.message)
        return redirect("account-connection", pk)
    messages.success(request, _("%(account)s is connected.") % {"account": account.name})
    return redirect("account-connection", pk)


@require_GET
@return_404_if_hidden
def cloudformation_template(request: HttpRequest, name: str) -> HttpResponse:
    """Download a CloudFormation template of `deploy/aws`."""
    list_connections(get_signed_in_person(request))
    if name not in TEMPLATE_NAMES:
        raise Http404
    text = (settings.ROOT / "deploy" / "aws" / f"{name}.yaml").read_text()
    disposition = f'attachment; filename="{name}.yaml"'
    return HttpResponse(
        text, content_type="text/yaml; charset=utf-8", headers={"Content-Disposition": disposition}
    )


def _validate(value: str, refuse: Callable[[str], None]) -> str:
    """Validate in the form, so that all errors appear at once; the action raises only the first."""
    try:
        refuse(value)
    except RefusedError as error:
        raise forms.ValidationError(error.message) from error
    return value
