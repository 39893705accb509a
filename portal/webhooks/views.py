"""Webhooks: the list, the form, one with its last deliveries, tests and new secrets."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from catalog.products.models import Domain
from identity.people.models import Person
from kernel import clock
from kernel.errors import RefusedError
from portal.pages.error_responses import return_404_if_hidden
from portal.pages.forms import PageForm, add_refusal, set_choices
from portal.pages.post_fields import get_action
from portal.pages.request_time import get_request_time
from portal.pages.row_ids import parse_id
from portal.pages.signed_in_person import get_signed_in_person
from requests_app.display_states.vocabulary import CheckMark
from requests_app.notifications.webhooks.actions import (
    MAX_NAME_LENGTH,
    MAX_URL_LENGTH,
    WebhookContent,
    change_secret,
    redeliver,
    save_webhook,
    test_webhook,
)
from requests_app.notifications.webhooks.models import Webhook, WebhookDelivery
from requests_app.notifications.webhooks.queries import get_webhook, list_last_deliveries, list_webhooks
from requests_app.notifications.webhooks.signatures import get_secret

CREATED, UNPROCESSABLE, OK = 201, 422, 200


class WebhookForm(PageForm):
    """The address of an existing webhook is not shown, as it may itself be a secret; left empty, it stays."""

    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=MAX_NAME_LENGTH,
        error_messages={"required": gettext_lazy("Name it, with at most 80 characters.")},
    )
    url = forms.CharField(
        label=gettext_lazy("Address"),
        help_text=gettext_lazy("https, and not in a private network"),
        widget=forms.TextInput(attrs={"class": "mono", "autocomplete": "off", "spellcheck": "false"}),
        required=False,
        max_length=MAX_URL_LENGTH,
    )
    style = forms.ChoiceField(label=gettext_lazy("Format"), choices=Webhook.Style.choices)
    changes = forms.ChoiceField(
        label=gettext_lazy("Changes"),
        help_text=gettext_lazy("of data products, tables, offers and classifications"),
        choices=Webhook.Changes.choices,
    )
    domain = forms.ChoiceField(label=gettext_lazy("Domain"), required=False)
    sends_events = forms.BooleanField(
        label=gettext_lazy("Send events of requests and grants, too"), required=False
    )
    is_active = forms.BooleanField(label=gettext_lazy("Switched on"), required=False)

    def __init__(self, data: Any, domains: Iterable[Domain], webhook: Webhook | None) -> None:
        super().__init__(data, initial=_read_initial(webhook))
        if webhook:
            self.fields["url"].help_text = _(
                "leave it empty to keep it; it is not shown, as it may be a secret"
            )
        set_choices(self, "domain", [("", _("all")), *((domain.slug, domain.name) for domain in domains)])

    @property
    def content(self) -> WebhookContent:
        said = self.cleaned_data
        return WebhookContent(
            name=said["name"],
            url=said["url"],
            style=said["style"],
            sends_events=said["sends_events"],
            changes=said["changes"],
            domain=said["domain"],
            is_active=said["is_active"],
        )


@require_http_methods(["GET", "POST"])
@return_404_if_hidden
def new(request: HttpRequest) -> HttpResponse:
    """The answer to the POST shows the secret, once."""
    person = get_signed_in_person(request)
    list_webhooks(person)
    form = WebhookForm(request.POST if request.method == "POST" else None, _list_domains(), None)
    if form.is_bound and form.is_valid() and (made := _save(person, form, None)):
        secret = get_secret(made) if made.style == Webhook.Style.JSON else ""
        return _render_detail(request, made, secret=secret, status=CREATED)
    return _render_form(request, form, None)


@require_http_methods(["GET", "POST"])
@return_404_if_hidden
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    person = get_signed_in_person(request)
    webhook = get_webhook(person, pk)
    form = WebhookForm(request.POST if request.method == "POST" else None, _list_domains(), webhook)
    if form.is_bound and form.is_valid() and _save(person, form, pk):
        messages.success(request, _("Saved."))
        return redirect("webhook", pk)
    return _render_form(request, form, webhook)


@require_GET
@return_404_if_hidden
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    return _render_detail(request, get_webhook(get_signed_in_person(request), pk))


@require_POST
@return_404_if_hidden
def act(request: HttpRequest, pk: int) -> HttpResponse:
    """Test it, change its secret, or send one of its deliveries again."""
    person = get_signed_in_person(request)
    webhook, do = get_webhook(person, pk), get_action(request, "test", "change_secret", "redeliver")
    if do == "change_secret":
        secret = change_secret(acting_user=person, webhook_id=pk, now=get_request_time(request))
        return _render_detail(request, webhook, secret=secret)
    try:
        _choose_action(request, person, pk, do)()
    except RefusedError as error:
        return _render_detail(request, webhook, refusal=str(error), status=UNPROCESSABLE)
    return redirect("webhook", pk)


def _choose_action(request: HttpRequest, person: Person, pk: int, do: str) -> Callable[[], None]:
    def send_test() -> None:
        test_webhook(acting_user=person, webhook_id=pk, now=get_request_time(request))
        messages.success(request, _("A test is on its way. Its result appears below."))

    def send_again() -> None:
        chosen = parse_id(request.POST.get("delivery", ""))
        mine = list_last_deliveries(get_webhook(person, pk))
        if chosen is None or chosen not in {one.pk for one in mine}:
            raise RefusedError(_("This delivery no longer exists."))
        redeliver(acting_user=person, delivery_id=chosen, now=get_request_time(request))
        messages.success(request, _("It is sent again."))

    def refuse() -> None:
        raise RefusedError(_("Choose what to do."))

    return {"test": send_test, "redeliver": send_again}.get(do, refuse)


def _save(person: Person, form: WebhookForm, pk: int | None) -> Webhook | None:
    """None if it is refused."""
    try:
        return save_webhook(acting_user=person, webhook_id=pk, content=form.content, now=clock.now())
    except RefusedError as error:
        add_refusal(form, error)
        return None


def _list_domains() -> list[Domain]:
    return list(Domain.objects.order_by("name"))


def _render_form(request: HttpRequest, form: WebhookForm, webhook: Webhook | None) -> HttpResponse:
    context = {
        "form": form,
        "webhook": webhook,
    }
    status = UNPROCESSABLE if form.is_bound else OK
    return render(request, "portal/webhooks/form.html", context, status=status)


def _render_detail(
    request: HttpRequest, webhook: Webhook, *, secret: str = "", refusal: str = "", status: int = OK
) -> HttpResponse:
    context = {
        "webhook": webhook,
        "host": urlsplit(webhook.url).hostname or "",
        "secret": secret,
        "refusal": refusal,
        "deliveries": [_build_row(last_delivery) for last_delivery in list_last_deliveries(webhook)],
    }
    return render(request, "portal/webhooks/detail.html", context, status=status)


@dataclass(frozen=True)
class DeliveryRow:
    """`result` in words; `is_ended`: it can be sent again."""

    delivery: WebhookDelivery
    subject: str
    result: str
    mark: CheckMark
    is_ended: bool


def _build_row(delivery: WebhookDelivery) -> DeliveryRow:
    mark, result = CheckMark.WORKING, _("waits")
    if delivery.sent_at:
        mark, result = CheckMark.YES, _("delivered")
    elif delivery.gave_up_at:
        mark, result = CheckMark.NO, _("given up")
    elif delivery.attempts:
        mark, result = CheckMark.ATTENTION, _("failed, is tried again")
    return DeliveryRow(
        delivery, _describe_subject(delivery), result, mark, bool(delivery.sent_at or delivery.gave_up_at)
    )


def _describe_subject(delivery: WebhookDelivery) -> str:
    change = delivery.change
    if change is None:
        return delivery.subject
    name = change.product.name if change.product else change.table.name if change.table else ""
    return f"{name}: {change.get_action_display()}"


def _read_initial(webhook: Webhook | None) -> dict[str, Any]:
    if webhook is None:
        return {
            "style": Webhook.Style.JSON,
            "changes": Webhook.Changes.SHARED,
            "domain": "",
            "sends_events": False,
            "is_active": True,
        }
    return {
        "name": webhook.name,
        "style": webhook.style,
        "changes": webhook.changes,
        "domain": webhook.domain.slug if webhook.domain else "",
        "sends_events": webhook.sends_events,
        "is_active": webhook.is_active,
    }
