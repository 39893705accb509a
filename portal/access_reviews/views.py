"""Access reviews: list, start, decide, cancel, evidence."""

import csv
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_http_methods

from catalog.mirror.models import Classification
from catalog.products.may import visible_products
from catalog.products.models import DataProduct, Domain
from identity.accounts import Account
from identity.people.models import Person
from kernel import clock
from kernel.errors import ForbiddenError, IllegalTransitionError, RefusedError
from lakeformation.values.canonical_json import digest
from portal.access_reviews.presenters import (
    AccessReviewItemRow,
    build_evidence_rows,
    build_item_rows,
)
from portal.pages.error_responses import return_404_if_hidden
from portal.pages.forms import DateInput, KeyedForm, PageForm, ReasonForm, add_refusal, get_end_of_day
from portal.pages.request_time import get_request_time
from portal.pages.row_ids import parse_ids
from portal.pages.signed_in_person import get_signed_in_person
from requests_app.access_requests.input_checks import MAX_TEXT_LENGTH
from requests_app.access_reviews.actions import (
    MAX_DECISIONS,
    MAX_NAME_LENGTH,
    cancel_access_review,
    keep_review_items,
    revoke_review_items,
    start_access_review,
)
from requests_app.access_reviews.evidence import build_access_review_evidence, build_review_item_evidence
from requests_app.access_reviews.may import (
    list_reviewable_domains,
    may_cancel_access_review,
    may_start_access_review,
)
from requests_app.access_reviews.models import AccessReview
from requests_app.access_reviews.queries import get_access_review, list_review_items
from requests_app.access_reviews.scope import MAX_UNUSED_DAYS, AccessReviewScope, list_scope_grants

DEFAULT_DURATION = timedelta(days=14)


class ScopeForm(PageForm):
    """Filters of the review, in the query string, so that its grants are counted before it starts."""

    label_hints: ClassVar = {"unused_days": gettext_lazy("days (optional)")}

    domain = forms.ModelChoiceField(
        Domain.objects.none(), label=gettext_lazy("Domain"), required=False, to_field_name="slug"
    )
    product = forms.ModelChoiceField(
        DataProduct.objects.none(),
        label=gettext_lazy("Data product"),
        empty_label=gettext_lazy("any"),
        required=False,
        to_field_name="slug",
    )
    account = forms.ModelChoiceField(
        Account.objects.filter(is_consumer=True).order_by("name"),
        label=gettext_lazy("Consuming account"),
        empty_label=gettext_lazy("any"),
        required=False,
        to_field_name="account_id",
    )
    classification = forms.ChoiceField(
        label=gettext_lazy("Contains a column that is"),
        choices=[("", gettext_lazy("any classification")), *Classification.choices],
        required=False,
    )
    unused_days = forms.IntegerField(
        label=gettext_lazy("Not used for"),
        help_text=gettext_lazy(
            "Only grants that existed for all these days, in catalogs with complete CloudTrail data."
        ),
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
        required=False,
        min_value=1,
        max_value=MAX_UNUSED_DAYS,
        error_messages={"invalid": gettext_lazy("Enter a number.")},
    )

    def __init__(
        self,
        *args: Any,
        domains: QuerySet[Domain],
        products: QuerySet[DataProduct],
        is_governor: bool,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        for name, rows in (("domain", domains), ("product", products)):
            field = self.fields[name]
            assert isinstance(field, forms.ModelChoiceField)
            field.queryset = rows.order_by("name")
            if name == "domain":
                field.empty_label = _("all domains") if is_governor else _("choose")

    @property
    def scope(self) -> AccessReviewScope:
        return AccessReviewScope(**{name: self.cleaned_data[name] for name in self.fields})


class StartForm(KeyedForm):
    """`counted` is the hash of the grants that the page counted."""

    counted = forms.CharField(required=False, max_length=64)
    name = forms.CharField(
        label=gettext_lazy("Name"),
        widget=forms.TextInput(attrs={"dir": "auto"}),
        max_length=MAX_NAME_LENGTH,
        error_messages={"required": gettext_lazy("Enter a name.")},
    )
    due_on = forms.DateField(
        label=gettext_lazy("Deadline"),
        help_text=gettext_lazy("until the end of this day"),
        widget=DateInput(),
        error_messages={
            "required": gettext_lazy("Choose a deadline."),
            "invalid": gettext_lazy("Enter a valid date."),
        },
    )

    @property
    def due_at(self) -> datetime:
        return get_end_of_day(self.cleaned_data["due_on"])


class AccessReviewDecisionForm(PageForm):
    """`until` applies only to grants that are kept."""

    hidden_field_names = frozenset({"answer"})
    max_text_length = MAX_TEXT_LENGTH

    answer = forms.ChoiceField(choices=[("keep", "keep"), ("revoke", "revoke")])
    reason = forms.CharField(error_messages={"required": gettext_lazy("Give a reason in one sentence.")})
    until = forms.DateField(
        label=gettext_lazy("Earlier end date"),
        help_text=gettext_lazy("optional"),
        widget=DateInput(),
        required=False,
        error_messages={"invalid": gettext_lazy("Enter a valid date.")},
    )

    @property
    def ends_at(self) -> datetime | None:
        day = self.cleaned_data["until"]
        return get_end_of_day(day) if day else None


@require_http_methods(["GET", "POST"])
def start(request: HttpRequest) -> HttpResponse:
    """GET counts what the filters of the address leave. POST starts over exactly what was counted; over other filters it
    counts first.
    """
    person = get_signed_in_person(request)
    domains = list_reviewable_domains(person)
    first_two = list(domains.order_by("pk")[:2])
    if not first_two:
        raise Http404
    only = first_two[0] if len(first_two) == 1 else None
    said = (request.POST or request.GET).copy()
    if only and "domain" not in said:
        said["domain"] = only.slug
    is_governor = bool(may_start_access_review(person, None))
    scope = ScopeForm(said, domains=domains, products=visible_products(person), is_governor=is_governor)
    only_counts = request.POST.get("do") == "count"
    due_on = timezone.localdate(get_request_time(request) + DEFAULT_DURATION)
    start = {"due_on": due_on, **request.POST.dict()}
    form = StartForm(None if only_counts else request.POST or None, initial=start)
    counted = _count_scope_grants(person, scope)
    if (
        form.is_bound
        and form.is_valid()
        and (access_review := _start_access_review(request, scope, form, counted["scope_hash"]))
    ):
        return redirect("access-review", access_review.pk)
    context = {
        "scope": scope,
        "form": form,
        **counted,
    }
    return render(request, "portal/access_reviews/start.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
@return_404_if_hidden
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """GET shows the selected items; POST decides on exactly those shown."""
    person = get_signed_in_person(request)
    access_review = get_access_review(person, pk)
    form = AccessReviewDecisionForm(request.POST or None)
    if form.is_bound and form.is_valid() and _decide(request, access_review, form):
        return redirect("access-review", pk)
    said = request.POST if form.is_bound else request.GET
    wanted = "revoke" if said.get("answer") == "revoke" else "keep"
    rows = _list_selected_rows(request, access_review, wanted)
    context = {
        "access_review": access_review,
        "decision": wanted,
        "rows": rows,
        "single_grant": rows[0].review_item.grant if len(rows) == 1 else None,
        "role_count": len({row.review_item.grant.principal_id for row in rows}),
        "people_count": len({row.review_item.grant.item.requester_id for row in rows}),
        "line_ids": ",".join(str(row.review_item.pk) for row in rows),
        "form": form,
    }
    return render(request, "portal/access_reviews/decide.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
@return_404_if_hidden
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    person = get_signed_in_person(request)
    access_review = get_access_review(person, pk)
    if not may_cancel_access_review(person, access_review):
        raise Http404
    form = ReasonForm(request.POST or None)
    if form.is_bound and form.is_valid():
        reason = form.cleaned_data["reason"]
        try:
            cancel_access_review(
                acting_user=person, access_review_id=pk, reason=reason, now=get_request_time(request)
            )
        except RefusedError as error:
            form.add_error("reason", error.message)
        except IllegalTransitionError:
            form.add_error(None, _("This access review is already over. Nothing was changed."))
        else:
            messages.success(request, _("Access review cancelled. Grants without a decision continue."))
            return redirect("access-review", pk)
    context = {"access_review": access_review, "form": form}
    return render(request, "portal/access_reviews/cancel.html", context, status=422 if form.is_bound else 200)


@require_GET
@return_404_if_hidden
def evidence(request: HttpRequest, pk: int) -> HttpResponse:
    """`format=csv`: a row for each item, with its event's digest and its link in the chain. Else JSON, with the
    access review's own two events.
    """
    person = get_signed_in_person(request)
    access_review = get_access_review(person, pk)
    lines = list_review_items(person, access_review)
    if request.GET.get("format") == "csv":
        headers = {"Content-Disposition": f'attachment; filename="access-review-{pk}.csv"'}
        answer = HttpResponse(content_type="text/csv; charset=utf-8", headers=headers)
        csv.writer(answer).writerows(build_evidence_rows(lines))
        return answer
    found = {**build_access_review_evidence(access_review), "lines": build_review_item_evidence(lines)}
    return JsonResponse(
        found, headers={"Content-Disposition": f'attachment; filename="access-review-{pk}.json"'}
    )


def _count_scope_grants(person: Person, scope: ScopeForm) -> dict[str, Any]:
    """Counts of matching grants, roles and people; `refusal` if the review may not be started."""
    if not scope.is_valid():
        return {
            "grant_count": 0,
            "scope_hash": "",
            "refusal": _("One of the filters does not exist. Choose again."),
        }
    verdict = may_start_access_review(person, scope.scope.domain)
    grants = list_scope_grants(scope.scope, clock.now())
    if not verdict:
        grants = grants.none()
    ids = list(grants.values_list("pk", flat=True))
    return {
        "grant_count": len(ids),
        "scope_hash": digest(
            {"scope": {name: str(value) for name, value in scope.cleaned_data.items()}, "grants": ids}
        ),
        "role_count": grants.order_by().values("principal").distinct().count(),
        "people_count": grants.order_by().values("item__requester").distinct().count(),
        "refusal": "" if verdict else verdict.reason,
    }


def _start_access_review(
    request: HttpRequest, scope: ScopeForm, form: StartForm, mark: str
) -> AccessReview | None:
    if not scope.is_valid():
        return None
    if form.cleaned_data["counted"] != mark:
        form.add_error(
            None,
            _(
                "The grants have changed since they were counted. Nothing was started. Check the new number below."
            ),
        )
        return None
    try:
        return start_access_review(
            acting_user=get_signed_in_person(request),
            name=form.cleaned_data["name"],
            scope=scope.scope,
            due_at=form.due_at,
            idempotency_key=form.cleaned_data["idempotency_key"],
            now=get_request_time(request),
        )
    except RefusedError as error:
        form.add_refusal(error, due_at="due_on")
    except ForbiddenError as error:
        form.add_error(None, str(error))
    return None


def _list_selected_rows(
    request: HttpRequest, access_review: AccessReview, wanted: str
) -> list[AccessReviewItemRow]:
    """The selected items on which the person may take this decision."""
    person, said = get_signed_in_person(request), request.POST or request.GET
    lines = list_review_items(person, access_review)
    if "all" not in said:
        listed = said["lines"].split(",") if "lines" in said else said.getlist("line")
        lines = lines.filter(pk__in=parse_ids(listed))
    rows = build_item_rows(lines[: 2 * MAX_DECISIONS], person, get_request_time(request))
    fitting = [row for row in rows if (row.may_keep if wanted == "keep" else row.may_revoke)]
    return fitting[:MAX_DECISIONS]


def _decide(request: HttpRequest, access_review: AccessReview, form: AccessReviewDecisionForm) -> bool:
    said = form.cleaned_data
    words: dict[str, Any] = {
        "acting_user": get_signed_in_person(request),
        "access_review_id": access_review.pk,
        "item_ids": parse_ids(request.POST.get("lines", "").split(",")),
        "reason": said["reason"],
        "now": get_request_time(request),
    }
    keeps = said["answer"] == "keep"
    try:
        done = (
            keep_review_items(**words, shortened_to=form.ends_at) if keeps else revoke_review_items(**words)
        )
    except RefusedError as error:
        add_refusal(form, error)
        return False
    if not done:
        form.add_error(None, _("All of them are already decided. Nothing was changed."))
        return False
    kept = ngettext("One grant is kept.", "%(n)d grants are kept.", len(done))
    ended = ngettext("One grant was revoked.", "%(n)d grants were revoked.", len(done))
    messages.success(request, (kept if keeps else ended) % {"n": len(done)})
    return True
