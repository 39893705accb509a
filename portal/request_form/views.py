"""Requesting access: the form for what the address names."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from catalog.products.offers.models import OfferVersion
from identity.accounts import ConnectedCatalog
from kernel.errors import ForbiddenError, NotFoundError, RefusedError
from portal.pages.error_responses import return_404_if_hidden
from portal.pages.post_fields import get_action
from portal.pages.request_time import get_request_time
from portal.pages.row_ids import parse_id
from portal.pages.signed_in_person import get_signed_in_person
from portal.request_form import table_views
from portal.request_form.forms import FORM_FIELDS, DatabaseForm, ManyTablesForm, get_default_values
from portal.request_form.initial_values import build_end_date_context, get_last_recipient_key
from portal.request_form.offer import (
    build_offer_constraints,
    get_chosen_end,
    get_offer_version,
    parse_accepted_terms,
)
from portal.request_form.preview import preview_many_tables_form, render_preview
from portal.request_form.required_information import get_required_fields, parse_provided_information
from requests_app.review.decision_times import describe_decision_time, get_decision_time
from requests_app.submission.many_tables import submit_target_request
from requests_app.targets.databases import (
    DatabaseTarget,
    FutureAccess,
    build_database_target,
    get_database,
)
from requests_app.targets.lf_tags import build_tags_target, parse_tag_expression
from requests_app.targets.many_tables import ManyTablesTarget
from requests_app.targets.recipients import Recipient, filter_direct_readers, list_recipients

TEMPLATE = "portal/request_form/lf_tags.html"


@require_http_methods(["GET", "POST"])
@return_404_if_hidden
def new_request(request: HttpRequest) -> HttpResponse:
    """`table` or `database` by id, or `tag=key=value` with `catalog`; `offer` is the version of an offer, `extends`
    the id of a live grant.
    """
    if "table" in request.GET:
        return table_views.request_table(request, _id(request, "table"))
    if "database" in request.GET:
        return _request_database(request, _id(request, "database"))
    # `tag=key=value`, as often as there are values; `catalog`, where they reach something in several.
    person, tags = get_signed_in_person(request), _parse_tags(request)
    try:
        catalog = request.GET.get("catalog", "")
        expression = parse_tag_expression(tags)
        catalogs = ConnectedCatalog.objects.select_related("account").order_by("short_name")
        if catalog:
            catalogs = catalogs.filter(short_name=catalog)
        every = [build_tags_target(one, expression, person) for one in catalogs]
        if not every:
            raise NotFoundError
        places = [one for one in every if one.tables] or every[:1]
    except RefusedError as error:
        return render(request, TEMPLATE, {"target": None, "refusal": error.message})
    if len(places) > 1:
        pairs = [("tag", f"{key}={value}") for key, values in tags.items() for value in values]
        return render(request, TEMPLATE, {"target": None, "targets": places, "querystring": urlencode(pairs)})
    recipients = filter_direct_readers(list_recipients(person))
    return _process_many_tables_form(request, places[0], template=TEMPLATE, recipients=recipients)


def _id(request: HttpRequest, name: str) -> int:
    found = parse_id(request.GET[name])
    if found is None:
        raise NotFoundError
    return found


def _request_database(request: HttpRequest, pk: int) -> HttpResponse:
    person = get_signed_in_person(request)
    target = build_database_target(get_database(person, pk), person)
    later = _get_future_access(request, target)
    return _process_many_tables_form(
        request,
        replace(target, future_access=later),
        template="portal/request_form/database.html",
        recipients=[one for one in list_recipients(person) if one.group is None],
        form_class=DatabaseForm,
        initial={"later": later},
    )


def _get_future_access(request: HttpRequest, target: DatabaseTarget) -> FutureAccess:
    """As submitted; by default, future tables under an offer, otherwise current tables only."""
    if request.method == "POST":
        said = request.POST.get("later", "")
        return FutureAccess(said) if said in FutureAccess.values else FutureAccess.COLUMNS
    is_offered = bool(request.GET.get("offer")) and not target.refusal
    return FutureAccess.TABLES if is_offered else FutureAccess.COLUMNS


def _parse_tags(request: HttpRequest) -> dict[str, list[str]]:
    tags: dict[str, list[str]] = {}
    for pair in request.GET.getlist("tag"):
        key, equals, value = pair.partition("=")
        if key and equals and value:
            tags.setdefault(key, []).append(value)
    return tags


def _process_many_tables_form(
    request: HttpRequest,
    target: ManyTablesTarget,
    *,
    template: str,
    recipients: Sequence[Recipient],
    form_class: type[ManyTablesForm] = ManyTablesForm,
    initial: Mapping[str, Any] | None = None,
) -> HttpResponse:
    """The form, or a redirect to the submitted request; `offer` in the query is the id of an offer version. `do=ahead`
    returns the preview fragment and writes nothing.
    """
    person, now = get_signed_in_person(request), get_request_time(request)
    version = get_offer_version(person, request.GET.get("offer", ""))
    under = build_offer_constraints(person, version, now) if version else None
    start = {**get_default_values(recipients, get_last_recipient_key(person), now), **(initial or {})}
    if under:
        start |= {"ends_on": min(start["ends_on"], under.last_day), "hours": under.max_hours}
    bound = request.method == "POST"
    form = form_class(request.POST if bound else None, recipients=recipients, initial=start)
    is_preview = get_action(request, "ahead", "ask") == "ahead"
    if bound and not is_preview and (answer := _submit(request, form, target, version, now)):
        return answer
    ahead = preview_many_tables_form(person, form, target, version, now)
    if is_preview:
        return render_preview(request, form, ahead)
    context = {
        "preview": ahead,
        "target": target,
        "form": form,
        "recipients": recipients,
        "expected_wait": describe_decision_time(
            get_decision_time(target.domain.owner_team_id if target.domain else None)
        ),
        "constraints": under,
        "required_fields": get_required_fields(request, person, form, ahead.required_information),
        **build_end_date_context(now),
        **({"last_day": under.last_day} if under else {}),
    }
    return render(request, template, context, status=422 if bound else 200)


def _submit(
    request: HttpRequest,
    form: ManyTablesForm,
    target: ManyTablesTarget,
    version: OfferVersion | None,
    now: datetime,
) -> HttpResponse | None:
    """Redirect to the request; None if the form has errors."""
    if not form.is_valid():
        return None
    said = form.cleaned_data
    try:
        made = submit_target_request(
            requester=get_signed_in_person(request),
            target=target,
            details=said["principal"].build_details(said, get_chosen_end(form, version, now)),
            members_hash=said["members_hash"],
            idempotency_key=said["idempotency_key"],
            now=now,
            offer_id=version.pk if version else None,
            use=said["use"],
            accepted_term_ids=parse_accepted_terms(request),
            provided=parse_provided_information(request.POST),
        )
    except RefusedError as error:
        form.add_refusal(error, FORM_FIELDS.get(error.field))
        return None
    except ForbiddenError as error:
        form.add_error(None, str(error))
        return None
    messages.success(request, _("Request sent. You can follow it here."))
    return redirect("access-request", made.pk)
