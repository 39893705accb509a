"""Notifications of people, their frequencies, and their mails."""

from django.db import models
from django.db.models import Q

from audit.models import Event
from identity.people.models import Person
from requests_app.notifications.kinds import Frequency, NotificationChannel, NotificationKind


class Outgoing(models.Model):
    """Something that goes out at least once: `due_at` is when it is tried next, `failure` why the last try failed.

    A try first puts `due_at` off, in one statement: of two that take it at once one finds it taken, and what a
    killed process had taken is due again by itself.
    """

    created_at = models.DateTimeField()
    due_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True, blank=True)
    gave_up_at = models.DateTimeField(null=True, blank=True)
    failure = models.TextField(blank=True)

    class Meta:
        abstract = True


class NotificationMail(Outgoing):
    """One mail to one person, with one notification or a day's. `key` is the Message-ID's, the same at each try."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="mails")
    key = models.CharField(max_length=80, unique=True)

    class Meta:
        indexes = [
            models.Index(fields=["due_at"], condition=Q(sent_at=None, gave_up_at=None), name="mail_due")
        ]
        constraints = [
            models.CheckConstraint(condition=Q(sent_at=None) | Q(gave_up_at=None), name="mail_one_end")
        ]

    def __str__(self) -> str:
        return f"mail {self.key}"


class Notification(models.Model):
    """What one event tells one person on one channel: exactly one row, however often it is projected.

    `page` and `page_id` name the page that it leads to. `due_at` is when it may be sent; `mail` is the mail that carries it.
    """

    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="notices")
    channel = models.CharField(max_length=10, choices=NotificationChannel)
    kind = models.CharField(max_length=20, choices=NotificationKind)
    text = models.TextField()
    page = models.CharField(max_length=20)
    page_id = models.BigIntegerField(null=True, blank=True)
    created_at = models.DateTimeField()
    frequency = models.CharField(max_length=10, choices=Frequency)
    due_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)
    mail = models.ForeignKey(
        NotificationMail, null=True, blank=True, on_delete=models.PROTECT, related_name="notices"
    )

    class Meta:
        indexes = [
            models.Index(
                fields=["person"], condition=Q(channel="portal", read_at=None), name="notification_unread"
            ),
            models.Index(fields=["person", "-id"], condition=Q(channel="portal"), name="notice_of_person"),
            models.Index(
                fields=["due_at"], condition=Q(channel="mail", mail=None), name="notification_unsent"
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["event", "person", "channel"], name="notification_once"),
            models.CheckConstraint(condition=~Q(frequency="off"), name="notification_wanted"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of event {self.event_id} to {self.person_id} by {self.channel}"


class NotificationSetting(models.Model):
    """How often a person wants one kind on one channel; no row: the default."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="notice_choices")
    kind = models.CharField(max_length=20, choices=NotificationKind)
    channel = models.CharField(max_length=10, choices=NotificationChannel)
    frequency = models.CharField(max_length=10, choices=Frequency)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "kind", "channel"], name="notice_choice_once"),
            models.CheckConstraint(
                condition=~Q(channel="portal", frequency="digest"), name="notice_choice_digest_by_mail"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.kind} by {self.channel} {self.frequency}"


class ProjectionPosition(models.Model):
    """Up to which seal events have become notifications. Seals are numbered as they commit, without a gap; ids are not."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    seq = models.BigIntegerField()
    change_seq = models.BigIntegerField(
        default=0, db_default=0, help_text="the last change of the feed that has become deliveries"
    )

    class Meta:
        verbose_name_plural = "told up to"
        constraints = [models.CheckConstraint(condition=Q(id=1), name="told_up_to_one_row")]

    def __str__(self) -> str:
        return f"told up to seal {self.seq}"
