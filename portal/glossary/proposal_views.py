"""Proposals for the glossary: made by anybody, decided by those who edit the term."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from catalog.glossary.may import (
    may_approve_term_proposal,
    may_reject_term_proposal,
    may_withdraw_term_proposal,
)
from catalog.glossary.proposal_actions import (
    approve_term_proposal,
    propose_term,
    propose_term_change,
    reject_term_proposal,
    withdraw_term_proposal,
)
from catalog.glossary.proposals import (
    ShownProposal,
    get_term_proposal,
    list_term_proposals,
    list_waiting_term_proposals,
)
from catalog.glossary.queries import get_term
from catalog.products.models import Domain
from identity.role_changes.bars import get_bar_reason
from kernel.errors import IllegalTransitionError, RefusedError
from portal.glossary.forms import DecisionForm
from portal.glossary.presenters import build_term_changes
from portal.glossary.term_form import (
    OK,
    UNPROCESSABLE,
    build_term_form,
    render_term_form,
    save_form,
)
from portal.pages.error_responses import return_404_if_hidden
from portal.pages.forms import INCOMPLETE_FORM, add_refusal
from portal.pages.pagination import build_pager
from portal.pages.post_fields import get_action
from portal.pages.request_time import get_request_time
from portal.pages.signed_in_person import get_signed_in_person

PAGE_SIZE = 50


@require_http_methods(["GET", "POST"])
@return_404_if_hidden
def propose(request: HttpRequest) -> HttpResponse:
    person = get_signed_in_person(request)
    form = build_term_form(request, _list_domains(), has_organisation=True)
    made = save_form(
        form,
        lambda: propose_term(
            acting_user=person,
            content=form.build_content(),
            reason=form.cleaned_data["note"],
            now=get_request_time(request),
        ),
    )
    if made:
        messages.success(request, _("Proposal sent. You will be notified of the decision."))
        return redirect("glossary-proposal", made.pk)
    return render_term_form(request, form, "propose")


@require_http_methods(["GET", "POST"])
@return_404_if_hidden
def propose_change(request: HttpRequest, slug: str) -> HttpResponse:
    person, found = get_signed_in_person(request), get_term(slug)
    form = build_term_form(request, _list_domains(), has_organisation=True, term=found)
    made = save_form(
        form,
        lambda: propose_term_change(
            acting_user=person,
            slug=slug,
            content=form.build_content(),
            reason=form.cleaned_data["note"],
            based_on=form.cleaned_data["based_on"],
            now=get_request_time(request),
        ),
    )
    if made:
        messages.success(request, _("Proposal sent. You will be notified of the decision."))
        return redirect("glossary-proposal", made.pk)
    return render_term_form(request, form, "propose-change", get_term(slug))


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """What waits for the person's decision, and below it all proposals that they may see."""
    person = get_signed_in_person(request)
    page = Paginator(list_term_proposals(person), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "waiting": list_waiting_term_proposals(person)[:PAGE_SIZE],
        "proposals": page.object_list,
        "pager": build_pager(page),
    }
    return render(request, "portal/glossary/proposals.html", context)


@require_http_methods(["GET", "POST"])
@return_404_if_hidden
def proposal(request: HttpRequest, pk: int) -> HttpResponse:
    """What would change, and the decision. POST approves or rejects what was shown."""
    person = get_signed_in_person(request)
    form = DecisionForm(request.POST or None)
    status = OK
    if form.is_bound:
        if form.is_valid() and _decide(request, pk, form):
            return redirect("glossary-proposal", pk)
        status = UNPROCESSABLE
    shown = ShownProposal(get_term_proposal(person, pk))
    row = shown.proposal
    context = {
        "shown": shown,
        "proposal": row,
        "changes": build_term_changes(shown.before, shown.content.to_json()),
        "form": form,
        "may_approve": bool(may_approve_term_proposal(person, row)),
        "approve_verdict": may_approve_term_proposal(person, row),
        "may_reject": bool(may_reject_term_proposal(person, row)),
        "barred": get_bar_reason(may_reject_term_proposal(person, row)),
        "may_withdraw": bool(may_withdraw_term_proposal(person, row)),
    }
    return render(request, "portal/glossary/proposal.html", context, status=status)


@require_POST
@return_404_if_hidden
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    person = get_signed_in_person(request)
    try:
        withdraw_term_proposal(acting_user=person, proposal_id=pk, now=get_request_time(request))
    except IllegalTransitionError:
        messages.error(request, _("This proposal was decided already."))
    else:
        messages.success(request, _("Withdrawn."))
    return redirect("glossary-proposal", pk)


def _decide(request: HttpRequest, pk: int, form: DecisionForm) -> bool:
    """False if the form has errors; the comment stays in it."""
    decisions: dict[str, tuple[Callable[..., Any], str]] = {
        "approve": (approve_term_proposal, _("Approved. The glossary shows the new text now.")),
        "reject": (
            reject_term_proposal,
            _("Rejected. The person who proposed it is notified, with your comment."),
        ),
    }
    chosen = get_action(request, *decisions)
    if not chosen:
        form.add_error(None, INCOMPLETE_FORM)
        return False
    (action, done), said = decisions[chosen], form.cleaned_data
    try:
        action(
            acting_user=get_signed_in_person(request),
            proposal_id=pk,
            shown=said["shown"],
            comment=said["comment"],
            now=get_request_time(request),
        )
    except RefusedError as error:
        add_refusal(form, error, shown="")
        return False
    except IllegalTransitionError:
        form.add_error(None, _("This proposal was decided already."))
        return False
    messages.success(request, done)
    return True


def _list_domains() -> list[Domain]:
    return list(Domain.objects.order_by("name"))
