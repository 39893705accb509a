"""What may be done about one line of a ledger: adopt it, have it removed; and about a finding: let it be."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from audit import clock
from identity.accounts.models import ConnectedCatalog
from identity.errors import ForbiddenError, RefusedError
from identity.people.models import Person
from portal.pages.forms import ReasonForm
from portal.pages.refusals import hides_what_is_not_yours
from portal.pages.signed_in import person_of
from portal.permissions.forms import AdoptForm, usual_end
from portal.permissions.presenters import catalog_url, where_of
from requests_app.errors import EffectsChangedError
from requests_app.permissions.actions import acknowledge_finding, adopt_permission, order_removal
from requests_app.permissions.adoption import (
    AdoptablePermission,
    build_adoptable,
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


def _leads_back_while_removing(
    view: Callable[[HttpRequest, int], HttpResponse],
) -> Callable[[HttpRequest, int], HttpResponse]:
    """A permission that is being removed already is nothing to act on: the ledger says so and shows how far it is."""

    @wraps(view)
    def shown(request: HttpRequest, pk: int) -> HttpResponse:
        try:
            return view(request, pk)
        except RefusedError as error:
            messages.info(request, error.message)
            return redirect("permissions")

    return shown


@require_http_methods(["GET", "POST"])
@hides_what_is_not_yours
@_leads_back_while_removing
def adopt(request: HttpRequest, pk: int) -> HttpResponse:
    """The page that asks whose it is, and the deed. What cannot be adopted says why."""
    person, now = person_of(request), clock.now()
    catalog, line = get_unmanaged_permission(person, pk, now)
    context: dict[str, Any] = {
        **_beside(catalog),
        "line": line,
        "holder": get_holder_name(line.permission.principal),
        "where": where_of(line.permission),
    }
    context["what"] = describe_permission_scope(line)
    try:
        found = build_adoptable(catalog, line, person)
    except RefusedError as error:
        return render(request, "portal/permissions/adopt.html", {**context, "refusal": error.message})
    form = AdoptForm(
        request.POST or None, owners=list_adoption_owners(found, person), initial={"ends_on": usual_end(now)}
    )
    if form.is_bound and form.is_valid() and _adopted(request, form, pk):
        return redirect(catalog_url(catalog.short_name))
    context |= {"form": form, "found": found, **_adoption(person, found)}
    return render(request, "portal/permissions/adopt.html", context, status=422 if form.is_bound else 200)


def _adoption(person: Person, found: AdoptablePermission) -> dict[str, Any]:
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
    many = found.by_tags is not None or found.whole is not None
    return {
        "hash": shown.digest(),
        "told": [one.text for one in shown.adds] if many or found.beside else [],
        "reaches_many": many,
        "is_passed_on": any(one.grantable for one, _columns in found.beside),
        "refusal": "" if verdict else verdict.reason,
    }


def _adopted(request: HttpRequest, form: AdoptForm, pk: int) -> bool:
    said = form.cleaned_data
    try:
        adopt_permission(
            acting_user=person_of(request), observed_id=pk, owner=said["owner"], ends_at=form.ends_at,
            reason=said["reason"], effects_hash=said["effects_hash"], now=clock.now(),
        )  # fmt: skip
    except RefusedError as error:
        _add(form, {"ends_at": "ends_on"}.get(error.field, error.field), error.message)
    except (ForbiddenError, EffectsChangedError) as error:
        form.add_error(None, str(error))
    else:
        messages.success(
            request, _("Permission adopted. Nothing changes in AWS; the next read proves it as a grant.")
        )
        return True
    return False


def _add(form: Form, field: str, message: str) -> None:
    form.add_error(field if field in form.fields else None, message)


@require_http_methods(["GET", "POST"])
@hides_what_is_not_yours
@_leads_back_while_removing
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """The page that says who loses what and asks for the reason, and the order."""
    person, now = person_of(request), clock.now()
    catalog, line = get_unmanaged_permission(person, pk, now)
    one = line.permission
    verdict = may_order_removal(person, catalog, one.database, one.table)
    refusal = "" if verdict else verdict.reason
    try:
        check_removable(catalog, line, now)
    except RefusedError as error:
        refusal = refusal or error.message
    form = ReasonForm(request.POST or None)
    if form.is_bound and form.is_valid() and _ordered(request, form, pk):
        return redirect(catalog_url(catalog.short_name))
    context = {
        **_beside(catalog), "line": line, "holder": get_holder_name(one.principal), "where": where_of(one),
        "what": describe_permission_scope(line), "losses": describe_losses(catalog, line, now), "refusal": refusal, "form": form,
    }  # fmt: skip
    return render(request, "portal/permissions/remove.html", context, status=422 if form.is_bound else 200)


def _ordered(request: HttpRequest, form: ReasonForm, pk: int) -> bool:
    said = form.cleaned_data
    try:
        order_removal(
            acting_user=person_of(request),
            observed_id=pk,
            key=said["key"],
            reason=said["reason"],
            now=clock.now(),
        )
    except RefusedError as error:
        _add(form, error.field, error.message)
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
@hides_what_is_not_yours
def acknowledge(request: HttpRequest, pk: int) -> HttpResponse:
    """The page that asks why a difference may stay, and the deed."""
    person = person_of(request)
    finding = get_finding(person, pk)
    verdict = may_acknowledge_finding(person, finding.catalog, finding.database, finding.table)
    form = ReasonForm(request.POST or None)
    if form.is_bound and form.is_valid() and _marked(request, form, pk):
        return redirect(catalog_url(finding.catalog.short_name))
    context = {
        **_beside(finding.catalog), "finding": finding, "form": form, "refusal": verdict.reason
    }  # fmt: skip
    return render(
        request, "portal/permissions/mark_as_known.html", context, status=422 if form.is_bound else 200
    )


def _beside(catalog: ConnectedCatalog) -> dict[str, Any]:
    """What each of these pages says of where it came from."""
    return {"catalog": catalog, "back": f"{reverse('permissions')}?catalog={catalog.short_name}"}


def _marked(request: HttpRequest, form: ReasonForm, pk: int) -> bool:
    said = form.cleaned_data
    try:
        acknowledge_finding(
            acting_user=person_of(request), finding_id=pk, reason=said["reason"], now=clock.now()
        )
    except RefusedError as error:
        _add(form, error.field, error.message)
    except ForbiddenError as error:
        form.add_error(None, str(error))
    else:
        messages.success(request, _("Marked as known, with your reason."))
        return True
    return False
