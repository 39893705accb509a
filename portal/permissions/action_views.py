"""Adopt or remove a permission, and acknowledge a drift finding."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from identity.accounts import ConnectedCatalog
from identity.people.models import Person
from kernel import clock
from kernel.errors import ForbiddenError, RefusedError
from portal.pages.error_responses import return_404_if_hidden
from portal.pages.forms import DateInput, PageForm, ReasonForm, add_refusal, get_end_of_day
from portal.pages.request_time import get_request_time
from portal.pages.signed_in_person import get_signed_in_person
from portal.permissions.presenters import catalog_url, format_resource
from requests_app.access_requests.input_checks import MAX_TEXT_LENGTH
from requests_app.errors import EffectsChangedError
from requests_app.permissions.actions import acknowledge_finding, adopt_permission, order_removal
from requests_app.permissions.adoption import (
    AdoptablePermission,
    build_adoptable_permission,
    build_draft_item,
    compute_adopted_effects,
    list_adoption_owners,
)
from requests_app.permissions.may import may_acknowledge_finding, may_adopt_permission, may_order_removal
from requests_app.permissions.queries import (
    describe_permission_scope,
    get_finding,
    get_holder_name,
    get_unmanaged_permission,
)
from requests_app.permissions.removal import check_removable, describe_losses

DEFAULT_DAYS = 180


class AdoptForm(PageForm):
    """`effects_hash` is that of what the page showed."""

    hidden_field_names = frozenset({"effects_hash"})
    max_text_length = MAX_TEXT_LENGTH

    owner = forms.ModelChoiceField(
        Person.objects.none(), error_messages={"required": gettext_lazy("Choose who is responsible for it.")}
    )
    ends_on = forms.DateField(
        label=gettext_lazy("End date"),
        widget=DateInput(),
        error_messages={
            "required": gettext_lazy("Choose the last day."),
            "invalid": gettext_lazy("Enter a valid date."),
        },
    )
    reason = forms.CharField(
        error_messages={"required": gettext_lazy("Say in one sentence what it is needed for.")}
    )
    effects_hash = forms.CharField(max_length=64)

    def __init__(self, *args: Any, owners: QuerySet[Person], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["owner"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = owners

    @property
    def ends_at(self) -> datetime:
        """The last second of the selected day."""
        return get_end_of_day(self.cleaned_data["ends_on"])


def _redirect_if_being_removed(
    view: Callable[[HttpRequest, int], HttpResponse],
) -> Callable[[HttpRequest, int], HttpResponse]:
    """Redirect to the list with a message if the permission is already being removed."""

    @wraps(view)
    def shown(request: HttpRequest, pk: int) -> HttpResponse:
        try:
            return view(request, pk)
        except RefusedError as error:
            messages.info(request, error.message)
            return redirect("permissions")

    return shown


@require_http_methods(["GET", "POST"])
@return_404_if_hidden
@_redirect_if_being_removed
def adopt(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for an owner and adopt; shows why adoption is not possible."""
    person, now = get_signed_in_person(request), get_request_time(request)
    catalog, line = get_unmanaged_permission(person, pk, now)
    context: dict[str, Any] = {
        **_build_catalog_context(catalog),
        "line": line,
        "holder": get_holder_name(line.permission.principal),
        "resource": format_resource(line.permission),
    }
    context["scope_text"] = describe_permission_scope(line)
    try:
        adoptable_permission = build_adoptable_permission(catalog, line, person)
    except RefusedError as error:
        return render(request, "portal/permissions/adopt.html", {**context, "refusal": error.message})
    ends_on = timezone.localdate(now + timedelta(days=DEFAULT_DAYS)).isoformat()
    form = AdoptForm(
        request.POST or None,
        owners=list_adoption_owners(adoptable_permission, person),
        initial={"ends_on": ends_on},
    )
    if form.is_bound and form.is_valid() and _adopt(request, form, pk):
        return redirect(catalog_url(catalog.short_name))
    context |= {
        "form": form,
        "found": adoptable_permission,
        **_build_adoption_context(person, adoptable_permission),
    }
    return render(request, "portal/permissions/adopt.html", context, status=422 if form.is_bound else 200)


def _build_adoption_context(person: Person, found: AdoptablePermission) -> dict[str, Any]:
    """Its effects' hash, what is adopted where that is more than one line says, and whether the person may decide: judged
    with an owner of the role's team.
    """
    now = clock.now()
    owner = list_adoption_owners(found, person).first()
    if owner is None:
        words = {"team": found.principal.account.team.name}
        return {"refusal": _("There is nobody else in %(team)s who could be responsible for it.") % words}
    item = build_draft_item(found, owner, reason="", ends_at=now, now=now)
    verdict = may_adopt_permission(person, item)
    shown = compute_adopted_effects(item, found)
    many = found.target is not None
    return {
        "effects_hash": shown.digest(),
        "effect_lines": [add.text for add in shown.adds] if many or found.companion_permissions else [],
        "reaches_many": many,
        "has_grant_option": any(one.grantable for one, _columns in found.companion_permissions),
        "refusal": "" if verdict else verdict.reason,
    }


def _adopt(request: HttpRequest, form: AdoptForm, pk: int) -> bool:
    said = form.cleaned_data
    try:
        adopt_permission(
            acting_user=get_signed_in_person(request),
            observed_id=pk,
            responsible_person=said["owner"],
            ends_at=form.ends_at,
            reason=said["reason"],
            effects_hash=said["effects_hash"],
            now=get_request_time(request),
        )
    except RefusedError as error:
        add_refusal(form, error, ends_at="ends_on")
    except (ForbiddenError, EffectsChangedError) as error:
        form.add_error(None, str(error))
    else:
        messages.success(
            request, _("Permission adopted. Nothing changes in AWS; the next read proves it as a grant.")
        )
        return True
    return False


@require_http_methods(["GET", "POST"])
@return_404_if_hidden
@_redirect_if_being_removed
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Show who loses access, ask for a reason and order the removal."""
    person, now = get_signed_in_person(request), get_request_time(request)
    catalog, line = get_unmanaged_permission(person, pk, now)
    one = line.permission
    verdict = may_order_removal(person, catalog, one.database, one.table)
    refusal = "" if verdict else verdict.reason
    try:
        check_removable(catalog, line, now)
    except RefusedError as error:
        refusal = refusal or error.message
    form = ReasonForm(request.POST or None)
    if form.is_bound and form.is_valid() and _order_removal(request, form, pk):
        return redirect(catalog_url(catalog.short_name))
    context = {
        **_build_catalog_context(catalog),
        "line": line,
        "holder": get_holder_name(one.principal),
        "resource": format_resource(one),
        "scope_text": describe_permission_scope(line),
        "losses": describe_losses(catalog, line, now),
        "refusal": refusal,
        "form": form,
    }
    return render(request, "portal/permissions/remove.html", context, status=422 if form.is_bound else 200)


def _order_removal(request: HttpRequest, form: ReasonForm, pk: int) -> bool:
    said = form.cleaned_data
    try:
        order_removal(
            acting_user=get_signed_in_person(request),
            observed_id=pk,
            key=said["idempotency_key"],
            reason=said["reason"],
            now=get_request_time(request),
        )
    except RefusedError as error:
        add_refusal(form, error)
    except ForbiddenError as error:
        form.add_error(None, str(error))
    else:
        messages.success(
            request,
            _("Removal requested. The workers remove the permission from AWS and verify that it is gone."),
        )
        return True
    return False


@require_http_methods(["GET", "POST"])
@return_404_if_hidden
def acknowledge(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for a reason and mark the finding as known."""
    person = get_signed_in_person(request)
    finding = get_finding(person, pk)
    verdict = may_acknowledge_finding(person, finding.catalog, finding.database, finding.table)
    form = ReasonForm(request.POST or None)
    if form.is_bound and form.is_valid() and _acknowledge(request, form, pk):
        return redirect(catalog_url(finding.catalog.short_name))
    context = {
        **_build_catalog_context(finding.catalog),
        "finding": finding,
        "form": form,
        "refusal": verdict.reason,
    }
    return render(
        request, "portal/permissions/acknowledge.html", context, status=422 if form.is_bound else 200
    )


def _build_catalog_context(catalog: ConnectedCatalog) -> dict[str, Any]:
    """Catalog and back link of the action pages."""
    return {"catalog": catalog, "back": catalog_url(catalog.short_name)}


def _acknowledge(request: HttpRequest, form: ReasonForm, pk: int) -> bool:
    said = form.cleaned_data
    try:
        acknowledge_finding(
            acting_user=get_signed_in_person(request),
            finding_id=pk,
            reason=said["reason"],
            now=get_request_time(request),
        )
    except RefusedError as error:
        add_refusal(form, error)
    except ForbiddenError as error:
        form.add_error(None, str(error))
    else:
        messages.success(request, _("Marked as known, with your reason."))
        return True
    return False
