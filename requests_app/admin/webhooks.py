"""Webhooks and their deliveries."""

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django import forms
from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from audit.admin import AuditedAdmin
from identity.people.models import Person
from kernel import clock
from kernel.admin_bases import ReadOnlyAdmin, format_json, show_text
from kernel.errors import ForbiddenError, NotFoundError
from requests_app.notifications.kinds import NotificationKind
from requests_app.notifications.webhooks.actions import change_secret, redeliver
from requests_app.notifications.webhooks.models import Webhook, WebhookDelivery
from requests_app.notifications.webhooks.signatures import get_secret

if TYPE_CHECKING:
    Form = forms.ModelForm[Webhook]
else:
    Form = forms.ModelForm


class WebhookForm(Form):
    kinds = forms.MultipleChoiceField(
        choices=NotificationKind.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("If you select none, all kinds are sent."),
    )


@admin.register(Webhook)
class WebhookAdmin(AuditedAdmin):
    form = WebhookForm
    fields = ("name", "url", "style", "sends_events", "kinds", "changes", "domain", "is_active")
    list_display = ("name", "host", "style", "domain", "is_active")
    list_filter = ("style", "domain", "is_active")
    search_fields = ("name",)
    autocomplete_fields = ("domain",)
    list_select_related = ("domain",)
    actions = ("change_secret_of_selected",)

    @admin.display(description=_("host"))
    def host(self, webhook: Webhook) -> str:
        """The rest of an address may itself be a secret, as Slack's is."""
        return urlsplit(webhook.url).hostname or ""

    def save_model(
        self,
        request: HttpRequest,
        obj: Model,
        form: "forms.ModelForm[Any]",
        change: bool,  # noqa: FBT001 - Django's signature
    ) -> None:
        super().save_model(request, obj, form, change)
        assert isinstance(obj, Webhook)
        if not change and obj.style == Webhook.Style.JSON:
            self.message_user(request, _describe_new_secret(get_secret(obj)), messages.WARNING)

    @admin.action(description="Rotate secret", permissions=["change"])
    def change_secret_of_selected(self, request: HttpRequest, webhooks: QuerySet[Webhook]) -> None:
        assert isinstance(request.user, Person)
        for webhook in webhooks:
            try:
                secret = change_secret(acting_user=request.user, webhook_id=webhook.pk, now=clock.now())
            except (ForbiddenError, NotFoundError) as error:
                self.message_user(request, f"{webhook}: {str(error) or 'not found'}", messages.ERROR)
            else:
                self.message_user(request, f"{webhook}: {_describe_new_secret(secret)}", messages.WARNING)


@admin.register(WebhookDelivery)
class WebhookDeliveryAdmin(ReadOnlyAdmin):
    subject_kind = "delivery"
    list_display = (
        "id", "webhook", "subject", "attempts", "due_at", "sent_at", "gave_up_at", "status", "replays", "failure",
    )  # fmt: skip
    list_filter = (
        "webhook",
        ("sent_at", admin.EmptyFieldListFilter),
        ("gave_up_at", admin.EmptyFieldListFilter),
    )
    search_fields = ("webhook__name", "event__verb", "change__action", "failure")
    list_select_related = ("webhook", "event", "change")
    exclude = ("body",)
    readonly_fields = ("sent_body",)
    actions = ("redeliver",)

    @admin.display(description=_("body"))
    def sent_body(self, delivery: WebhookDelivery) -> SafeString:
        return show_text(format_json(json.loads(delivery.body)))

    @admin.action(description="Send again", permissions=["view"])
    def redeliver(self, request: HttpRequest, deliveries: QuerySet[WebhookDelivery]) -> None:
        assert isinstance(request.user, Person)
        for delivery in deliveries:
            try:
                redeliver(acting_user=request.user, delivery_id=delivery.pk, now=clock.now())
            except (ForbiddenError, NotFoundError) as error:
                self.message_user(request, f"{delivery}: {str(error) or 'not found'}", messages.ERROR)
            else:
                self.message_user(request, f"{delivery} is sent again now.")


def _describe_new_secret(secret: str) -> str:
    return _("Its secret is %(secret)s. You see it only once. Store it where the receiver can use it.") % {
        "secret": secret
    }
