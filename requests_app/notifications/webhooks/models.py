"""Webhooks and their deliveries."""

import secrets

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from audit.models import Event
from catalog.change_feed import Change
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

    class Changes(models.TextChoices):
        """Which changes of the feed it gets."""

        NONE = "none", _("no changes")
        SHARED = "shared", _("changes of what everyone in the organisation finds")
        ALL = "all", _("changes of all published data products")

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
    sends_events = models.BooleanField(
        default=True, db_default=True, help_text="Whether it gets events of requests and grants."
    )
    changes = models.CharField(
        max_length=10,
        choices=Changes,
        default=Changes.NONE,
        db_default=Changes.NONE,
        help_text="Of data products, tables, offers and classifications, as in the change feed.",
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
    """One event or change to one webhook: exactly one row, sent at least once, with the same `body` each time."""

    webhook = models.ForeignKey(Webhook, on_delete=models.PROTECT, related_name="deliveries")
    event = models.ForeignKey(Event, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    change = models.ForeignKey(
        Change, null=True, blank=True, on_delete=models.PROTECT, related_name="deliveries"
    )
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
            models.UniqueConstraint(fields=["webhook", "change"], name="delivery_of_change_once"),
            models.CheckConstraint(condition=Q(sent_at=None) | Q(gave_up_at=None), name="delivery_one_end"),
            models.CheckConstraint(
                condition=Q(event=None, change__isnull=False) | Q(event__isnull=False, change=None),
                name="delivery_of_event_or_change",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject} to {self.webhook}"

    @property
    def subject(self) -> str:
        """What it tells."""
        return self.event.verb if self.event else str(self.change)

    @property
    def message_id(self) -> str:
        """The same at each attempt: the event's id, or the change's."""
        return f"{self.event_id}" if self.change is None else str(self.change.token)
