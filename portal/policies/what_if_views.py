"""Evaluate a hypothetical request with the published rules and a draft; writes nothing."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from catalog.mirror.models import Table
from identity.accounts.models import Principal
from identity.people.models import Person
from kernel import clock
from kernel.errors import NotFoundError, RefusedError
from portal.pages.error_responses import return_404_if_hidden
from portal.pages.forms import add_refusal
from portal.pages.signed_in_person import get_signed_in_person
from portal.policies.forms import WhatIfForm
from requests_app.policy_editing.queries import PolicyScope, get_policy_scope
from requests_app.policy_editing.what_if import PolicyEvaluation, evaluate_policies, list_tables
from requests_app.targets.recipients import list_requestable_principals


@require_GET
@return_404_if_hidden
def what_if(request: HttpRequest, slug: str) -> HttpResponse:
    """The form and, if it is valid, the evaluation. Only for people who may edit the policy."""
    scope = get_policy_scope(get_signed_in_person(request), slug)
    if not scope.may_write:
        raise NotFoundError
    form = WhatIfForm(request.GET or None)
    requester = _find_requester(form) if form.is_bound and form.is_valid() else None
    principals = list(list_requestable_principals(requester)) if requester else []
    context = {
        "scope": scope,
        "form": form,
        "tables": list_tables(scope),
        "principals": principals,
        "evaluation": _evaluate(scope, form, requester, principals) if requester else None,
    }
    return render(request, "portal/policies/what_if.html", context, status=422 if form.errors else 200)


def _find_requester(form: WhatIfForm) -> Person | None:
    found = Person.objects.filter(email=form.cleaned_data["person"], is_active=True).first()
    if found is None:
        form.add_error("person", _("There is nobody with this e-mail."))
    return found


def _evaluate(
    scope: PolicyScope, form: WhatIfForm, requester: Person, principals: list[Principal]
) -> PolicyEvaluation | None:
    """None if the form has errors. Without a role, the person's first one is used."""
    said = form.cleaned_data
    table = Table.objects.prefetch_related("columns").filter(pk=said["table"]).first()
    chosen = [one for one in principals if said["principal"] in ("", one.arn)]
    if table is None or not chosen:
        no_role = _("None of this person's teams has this role. Choose another.")
        form.add_error(*(("table", _("Choose a table.")) if table is None else ("principal", no_role)))
        return None
    words = {"purpose": said["purpose"], "days": said["days"], "now": clock.now()}
    try:
        return evaluate_policies(
            scope,
            person=requester,
            principal=chosen[0],
            requested_item=form.build_requested_item(table),
            **words,
        )
    except RefusedError as error:
        add_refusal(form, error)
        return None
