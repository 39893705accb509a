"""Local groups, service roles and subgrants of an account, for its admins."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from identity.accounts import Account
from kernel.errors import RefusedError
from portal.local_groups.presenters import (
    build_account_grant_rows,
    build_group_rows,
    list_member_candidates,
    list_pending_subgrants,
)
from portal.pages.error_responses import return_404_if_hidden
from portal.pages.places import place_page
from portal.pages.post_fields import get_text_field
from portal.pages.request_time import get_request_time
from portal.pages.row_ids import parse_id
from portal.pages.signed_in_person import get_signed_in_person
from requests_app.grants.link_naming.actions import choose_link_naming
from requests_app.grants.link_naming.may import may_choose_link_naming
from requests_app.grants.link_naming.queries import get_account_link_naming, list_link_naming_choices
from requests_app.grants.service_roles import (
    list_responsible_person_candidates,
    list_service_roles,
    name_responsible_person,
)
from requests_app.grants.subgrants.actions import (
    MAX_NAME_LENGTH,
    add_local_group_member,
    create_local_group,
    delete_local_group,
    pass_on,
    remove_local_group_member,
)
from requests_app.grants.subgrants.may import is_account_admin, may_pass_on
from requests_app.grants.subgrants.plans import SubgrantChoices, build_subgrant_plan
from requests_app.grants.subgrants.queries import get_account, get_group_account, get_service_role_account
from requests_app.grants.subgrants.unmanaged import list_unmanaged_subgrants


@require_GET
@return_404_if_hidden
def groups(request: HttpRequest, account_id: str) -> HttpResponse:
    return _render_page(request, get_account(get_signed_in_person(request), account_id))


def _render_page(request: HttpRequest, account: Account, refusal: RefusedError | None = None) -> HttpResponse:
    place_page(request, "accounts", "grants")
    group_rows = build_group_rows(account)
    context: dict[str, Any] = {
        "account": account,
        "groups": group_rows,
        "account_grants": build_account_grant_rows(
            account, [group_row.group for group_row in group_rows], get_request_time(request)
        ),
        "pending_subgrants": list_pending_subgrants(account, get_request_time(request)),
        "member_candidates": list_member_candidates(account),
        "service_roles": list(list_service_roles(account)),
        "responsible_person_candidates": list_responsible_person_candidates(account),
        "unmanaged_subgrants": list_unmanaged_subgrants(account),
        "may_change": is_account_admin(get_signed_in_person(request), account),
        "link_naming_choices": list_link_naming_choices(account),
        "account_link_naming": get_account_link_naming(account),
        "may_choose_link_naming": bool(may_choose_link_naming(get_signed_in_person(request), account)),
        "max_name_length": MAX_NAME_LENGTH,
        "refusal": refusal,
        "submitted_values": request.POST,
        "submitted_group_id": request.resolver_match.kwargs.get("pk") if request.resolver_match else None,
    }
    return render(request, "portal/local_groups/list.html", context, status=422 if refusal else 200)


@require_POST
@return_404_if_hidden
def plan(request: HttpRequest, account_id: str) -> HttpResponse:
    """Show the changes of the checked boxes; changes nothing."""
    account = get_account(get_signed_in_person(request), account_id)
    try:
        subgrant_plan = build_subgrant_plan(account, _parse_choices(request), get_request_time(request))
    except RefusedError as error:
        return _render_page(request, account, error)
    if not subgrant_plan.changes:
        messages.info(request, _("This changes nothing."))
        return redirect("local-groups", account_id)
    context = {
        "account": account,
        "lines": subgrant_plan.changes,
        "plan_hash": subgrant_plan.compute_hash(),
        "verdict": may_pass_on(get_signed_in_person(request), account),
        "pairs": request.POST.getlist("of"),
        "class_values": request.POST.getlist("see"),
    }
    place_page(request, "accounts", "grants")
    return render(request, "portal/local_groups/plan.html", context)


@require_POST
@return_404_if_hidden
def apply(request: HttpRequest, account_id: str) -> HttpResponse:
    return _run_action(
        request,
        account_id,
        _("Saved. The account's own role applies the changes now, and the workers read them back."),
        lambda: pass_on(
            acting_user=get_signed_in_person(request),
            account_id=account_id,
            choices=_parse_choices(request),
            plan_hash=request.POST.get("hash", ""),
            now=get_request_time(request),
        ),
    )


@require_POST
@return_404_if_hidden
def create(request: HttpRequest, account_id: str) -> HttpResponse:
    return _run_action(
        request,
        account_id,
        _("Local group created. Now add members."),
        lambda: create_local_group(
            acting_user=get_signed_in_person(request),
            account_id=account_id,
            name=get_text_field(request, "name"),
            now=get_request_time(request),
        ),
    )


@require_POST
@return_404_if_hidden
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    account_id = get_group_account(get_signed_in_person(request), pk).account_id
    return _run_action(
        request,
        account_id,
        _("Local group deleted. Its access is being removed."),
        lambda: delete_local_group(
            acting_user=get_signed_in_person(request),
            account_id=account_id,
            group_id=pk,
            now=get_request_time(request),
        ),
    )


@require_POST
@return_404_if_hidden
def add_member(request: HttpRequest, pk: int) -> HttpResponse:
    account_id = get_group_account(get_signed_in_person(request), pk).account_id
    return _run_action(
        request,
        account_id,
        _("Member added. They get the access of the local group."),
        lambda: add_local_group_member(
            acting_user=get_signed_in_person(request),
            account_id=account_id,
            group_id=pk,
            arn=get_text_field(request, "arn"),
            now=get_request_time(request),
        ),
    )


@require_POST
@return_404_if_hidden
def delete_member(request: HttpRequest, group: int, pk: int) -> HttpResponse:
    account_id = get_group_account(get_signed_in_person(request), group).account_id
    return _run_action(
        request,
        account_id,
        _("Member removed. The access they had through the local group is being removed."),
        lambda: remove_local_group_member(
            acting_user=get_signed_in_person(request),
            account_id=account_id,
            member_id=pk,
            now=get_request_time(request),
        ),
    )


@require_POST
@return_404_if_hidden
def edit_service_role(request: HttpRequest, pk: int) -> HttpResponse:
    """Name the person who is responsible for a service role."""
    account_id = get_service_role_account(get_signed_in_person(request), pk).account_id
    return _run_action(
        request,
        account_id,
        _("Saved. The person is notified and can't decide on requests for this role."),
        lambda: name_responsible_person(
            acting_user=get_signed_in_person(request),
            account_id=account_id,
            principal_id=pk,
            person_id=parse_id(request.POST.get("person", "")) or 0,
            now=get_request_time(request),
        ),
    )


def _run_action(request: HttpRequest, account_id: str, said: str, deed: Callable[[], object]) -> HttpResponse:
    try:
        deed()
    except RefusedError as error:
        return _render_page(request, get_account(get_signed_in_person(request), account_id), error)
    messages.success(request, said)
    return redirect("local-groups", account_id)


def _parse_choices(request: HttpRequest) -> SubgrantChoices:
    """The checked classes of each group and grant in the form."""
    chosen: dict[tuple[int, int], set[str]] = {_parse_pair(one): set() for one in request.POST.getlist("of")}
    for one in request.POST.getlist("see"):
        text, _colon, name = one.rpartition(":")
        pair = _parse_pair(text)
        if pair not in chosen:
            raise Http404
        chosen[pair].add(name)
    return {pair: frozenset(classes) for pair, classes in chosen.items()}


def _parse_pair(text: str) -> tuple[int, int]:
    left, _colon, right = text.partition(":")
    one, other = parse_id(left), parse_id(right)
    if one is None or other is None:
        raise Http404
    return one, other


@require_POST
@return_404_if_hidden
def choose(request: HttpRequest, account_id: str) -> HttpResponse:
    try:
        choose_link_naming(
            acting_user=get_signed_in_person(request),
            account_id=account_id,
            database=get_text_field(request, "database"),
            link_naming=get_text_field(request, "way"),
            now=get_request_time(request),
        )
    except RefusedError as error:
        messages.error(request, error.message)
    else:
        messages.success(
            request,
            _("Saved. The new names are created and proven first; the old ones are removed after that."),
        )
    return redirect("local-groups", account_id)
