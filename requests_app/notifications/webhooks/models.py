"""Webhooks and their deliveries."""

import secrets

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from audit.models import Event
from catalog.products.models import Domain
from requests_app.notifications.kinds import NotificationKind
from requests_app.notifications.models import Outgoing
from requests_app.notifications.webhooks.addresses import find_url_problem


def generate_salt() -> str:
    return secrets.token_hex(16)


def validate_url(url: str) -> None:
    """As a form's field is checked; what its name leads to is looked at before each delivery."""
    if words := find_url_problem(url):
        raise ValidationError(words)


class Webhook(models.Model):
    """Where events go as JSON, or as words to a chat. `salt` makes its secret, which is stored nowhere: see `signatures`."""

    class Style(models.TextChoices):
        JSON = "json", _("signed JSON")
        SLACK = "slack", _("text for Slack incoming webhooks")

    name = models.CharField(max_length=80, unique=True)
    url = models.CharField(
        max_length=500, validators=[validate_url], help_text="Must be https. Never shown in lists."
    )
    style = models.CharField(max_length=10, choices=Style, default=Style.JSON)
    kinds = ArrayField(
        models.CharField(max_length=20, choices=NotificationKind),
        default=list,
        blank=True,
        help_text="Leave empty for all kinds.",
    )
    domain = models.ForeignKey(
        Domain,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="Leave empty for all domains.",
    )
    is_active = models.BooleanField(default=True)
    salt = models.CharField(max_length=32, default=generate_salt, editable=False)

    def __str__(self) -> str:
        return self.name


class WebhookDelivery(Outgoing):
    """One event to one webhook: exactly one row, sent at least once, with the same `body` each time."""

    webhook = models.ForeignKey(Webhook, on_delete=models.PROTECT, related_name="deliveries")
    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="+")
    body = models.TextField(help_text="The signed body.")
    status = models.PositiveSmallIntegerField(null=True, blank=True, help_text="Of the last response.")
    replays = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name_plural = "deliveries"
        indexes = [
            models.Index(fields=["due_at"], condition=Q(sent_at=None, gave_up_at=None), name="delivery_due")
        ]
        constraints = [
            models.UniqueConstraint(fields=["webhook", "event"], name="delivery_once"),
            models.CheckConstraint(condition=Q(sent_at=None) | Q(gave_up_at=None), name="delivery_one_end"),
        ]

    def __str__(self) -> str:
        return f"{self.event.verb} to {self.webhook}"
