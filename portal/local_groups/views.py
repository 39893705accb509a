"""The page of an account's admins: local groups, service roles, and what each group sees of the account's envelopes."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from audit import clock
from identity.accounts.models import Account
from identity.errors import RefusedError
from portal.local_groups.presenters import asked_for, envelopes_shown, groups_shown, roles_of
from portal.pages.post_fields import line_in
from portal.pages.refusals import hides_what_is_not_yours
from portal.pages.row_ids import id_in
from portal.pages.signed_in import person_of
from requests_app.grants.link_naming.may import may_choose_link_naming
from requests_app.grants.link_naming.queries import get_account_link_naming, list_link_naming_choices
from requests_app.grants.service_roles import list_owner_candidates, list_service_roles, name_owner
from requests_app.grants.subgrants import actions
from requests_app.grants.subgrants.actions import (
    MAX_NAME_LENGTH,
    end_group,
    make_group,
    pass_on,
    remove_member,
)
from requests_app.grants.subgrants.may import is_account_admin
from requests_app.grants.subgrants.plans import SubgrantChoices, build_subgrant_plan
from requests_app.grants.subgrants.queries import get_account, get_group_account, get_service_role_account
from requests_app.grants.subgrants.unmanaged import list_unmanaged_subgrants


@require_GET
@hides_what_is_not_yours
def groups(request: HttpRequest, account_id: str) -> HttpResponse:
    return _page(request, get_account(person_of(request), account_id))


def _page(request: HttpRequest, account: Account, refusal: RefusedError | None = None) -> HttpResponse:
    found = groups_shown(account)
    context: dict[str, Any] = {
        "account": account,
        "groups": found,
        "envelopes": envelopes_shown(account, [one.group for one in found], clock.now()),
        "asked_for": asked_for(account, clock.now()),
        "roles": roles_of(account),
        "service_roles": list(list_service_roles(account)),
        "candidates": list_owner_candidates(account),
        "outside": list_unmanaged_subgrants(account),
        "may_change": is_account_admin(person_of(request), account),
        "landing": list_link_naming_choices(account),
        "landing_way": get_account_link_naming(account),
        "may_choose_landing": bool(may_choose_link_naming(person_of(request), account)),
        "longest": MAX_NAME_LENGTH,
        "refusal": refusal,
        "typed": request.POST,
        "typed_for": request.resolver_match.kwargs.get("pk") if request.resolver_match else None,
    }
    return render(request, "portal/local_groups/list.html", context, status=422 if refusal else 200)


@require_POST
@hides_what_is_not_yours
def plan(request: HttpRequest, account_id: str) -> HttpResponse:
    """What the ticked boxes would change. Nothing is changed by this page."""
    account = get_account(person_of(request), account_id)
    try:
        found = build_subgrant_plan(account, _choices(request), clock.now())
    except RefusedError as error:
        return _page(request, account, error)
    if not found.lines:
        messages.info(request, _("This changes nothing."))
        return redirect("local-groups", account_id)
    context = {
        "account": account,
        "lines": found.lines,
        "hash": found.digest(),
        "of": request.POST.getlist("of"),
        "see": request.POST.getlist("see"),
    }
    return render(request, "portal/local_groups/plan.html", context)


@require_POST
@hides_what_is_not_yours
def apply(request: HttpRequest, account_id: str) -> HttpResponse:
    return _done(
        request, account_id, _("Saved. The account's own role applies the changes now, and the workers read them back."),
        lambda: pass_on(
            acting_user=person_of(request), account_id=account_id, choices=_choices(request),
            plan_hash=request.POST.get("hash", ""), now=clock.now(),
        ),
    )  # fmt: skip


@require_POST
@hides_what_is_not_yours
def create(request: HttpRequest, account_id: str) -> HttpResponse:
    return _done(
        request, account_id, _("Local group created. Now add members."),
        lambda: make_group(
            acting_user=person_of(request), account_id=account_id, name=line_in(request, "name"), now=clock.now()
        ),
    )  # fmt: skip


@require_POST
@hides_what_is_not_yours
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    account_id = get_group_account(person_of(request), pk).account_id
    return _done(
        request, account_id, _("Local group deleted. Its access is being removed."),
        lambda: end_group(acting_user=person_of(request), account_id=account_id, group_id=pk, now=clock.now()),
    )  # fmt: skip


@require_POST
@hides_what_is_not_yours
def add_member(request: HttpRequest, pk: int) -> HttpResponse:
    account_id = get_group_account(person_of(request), pk).account_id
    return _done(
        request, account_id, _("Member added. They get the access of the local group."),
        lambda: actions.add_member(
            acting_user=person_of(request), account_id=account_id, group_id=pk, arn=line_in(request, "arn"),
            now=clock.now(),
        ),
    )  # fmt: skip


@require_POST
@hides_what_is_not_yours
def delete_member(request: HttpRequest, group: int, pk: int) -> HttpResponse:
    account_id = get_group_account(person_of(request), group).account_id
    return _done(
        request, account_id, _("Member removed. The access they had through the local group is being removed."),
        lambda: remove_member(
            acting_user=person_of(request), account_id=account_id, member_id=pk, now=clock.now()
        ),
    )  # fmt: skip


@require_POST
@hides_what_is_not_yours
def edit_service_role(request: HttpRequest, pk: int) -> HttpResponse:
    """Name the person who is responsible for a service role."""
    account_id = get_service_role_account(person_of(request), pk).account_id
    return _done(
        request, account_id, _("Saved. The person is notified and can't decide on requests for this role."),
        lambda: name_owner(
            acting_user=person_of(request), account_id=account_id, principal_id=pk,
            person_id=id_in(request.POST.get("person", "")) or 0, now=clock.now(),
        ),
    )  # fmt: skip


def _done(request: HttpRequest, account_id: str, said: str, deed: Callable[[], object]) -> HttpResponse:
    try:
        deed()
    except RefusedError as error:
        return _page(request, get_account(person_of(request), account_id), error)
    messages.success(request, said)
    return redirect("local-groups", account_id)


def _choices(request: HttpRequest) -> SubgrantChoices:
    """Of the pairs that the form speaks of, the classes that were ticked."""
    chosen: dict[tuple[int, int], set[str]] = {_pair(one): set() for one in request.POST.getlist("of")}
    for one in request.POST.getlist("see"):
        text, _colon, name = one.rpartition(":")
        pair = _pair(text)
        if pair not in chosen:
            raise Http404
        chosen[pair].add(name)
    return {pair: frozenset(classes) for pair, classes in chosen.items()}


def _pair(text: str) -> tuple[int, int]:
    left, _colon, right = text.partition(":")
    one, other = id_in(left), id_in(right)
    if one is None or other is None:
        raise Http404
    return one, other
