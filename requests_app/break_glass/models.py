"""Standing consents, the tables they cover, and the sessions opened under them."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from audit.models import Event
from catalog.mirror.models import Table
from catalog.products.models import Domain
from identity.accounts import Principal
from identity.people.models import Person
from requests_app.break_glass.states import BreakGlassState

MAX_HOURS = 24


class BreakGlassConsent(models.Model):
    """A data owner's approval in advance: `recipient` may read as `principal`, for `hours` at most, once `confirmer`
    has confirmed. It is never changed, only revoked.
    """

    domain = models.ForeignKey(Domain, on_delete=models.PROTECT, related_name="standing_consents")
    granted_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    granted_at = models.DateTimeField()
    recipient = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    confirmer = models.ForeignKey(
        Person, on_delete=models.PROTECT, related_name="+", help_text="Second person, who confirms."
    )
    principal = models.ForeignKey(Principal, on_delete=models.PROTECT, related_name="+")
    hours = models.PositiveSmallIntegerField()
    until = models.DateTimeField()
    reason = models.TextField()
    key = models.CharField(max_length=64, help_text="Key of the form, so that submitting twice counts once.")
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    event = models.OneToOneField(Event, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["granted_by", "key"], name="consent_given_once"),
            models.CheckConstraint(
                condition=~Q(recipient=F("confirmer"))
                & ~Q(recipient=F("granted_by"))
                & ~Q(confirmer=F("granted_by")),
                name="consent_of_three_people",
            ),
            models.CheckConstraint(condition=Q(hours__gte=1, hours__lte=MAX_HOURS), name="consent_for_hours"),
            models.CheckConstraint(condition=Q(until__gt=F("granted_at")), name="consent_ends_later"),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None, withdrawn_by=None)
                | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False),
                name="consent_withdrawn_by_someone",
            ),
        ]

    def __str__(self) -> str:
        return f"standing consent {self.pk} for {self.recipient}"


class ConsentTable(models.Model):
    """A table that a standing consent covers, with all of its rows."""

    consent = models.ForeignKey(BreakGlassConsent, on_delete=models.PROTECT, related_name="covered")
    table = models.ForeignKey(Table, on_delete=models.PROTECT, related_name="+")
    columns = ArrayField(
        models.CharField(max_length=255), default=list, blank=True, help_text="Leave empty for all columns."
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["consent", "table"], name="consent_table_once")]

    def __str__(self) -> str:
        return f"{self.table} under {self.consent}"


class BreakGlassSession(models.Model):
    """An access request under a consent, approved by it once the second person has confirmed.

    It stays open until a data owner has reviewed it.
    """

    consent = models.ForeignKey(BreakGlassConsent, on_delete=models.PROTECT, related_name="takings")
    request = models.OneToOneField(
        "requests.AccessRequest", on_delete=models.PROTECT, related_name="break_glass"
    )
    started_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    started_at = models.DateTimeField()
    expires_at = models.DateTimeField(
        help_text="If nobody confirms by then, a data owner decides like on any request."
    )
    state = models.CharField(max_length=10, choices=BreakGlassState, default=BreakGlassState.REQUESTED)
    confirmed_by = models.ForeignKey(
        Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    confirmed_at = models.DateTimeField(null=True, blank=True)
    reviewed_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    reviewed_at = models.DateTimeField(null=True, blank=True)
    review = models.TextField(blank=True)
    event = models.OneToOneField(Event, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = "break-glass access"
        verbose_name_plural = "break-glass accesses"
        indexes = [
            models.Index(fields=["state"], condition=~Q(state="reviewed"), name="break_glass_open"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="asked", confirmed_by=None, confirmed_at=None)
                | (~Q(state="asked") & Q(confirmed_by__isnull=False, confirmed_at__isnull=False)),
                name="break_glass_confirmed_by_someone",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by=None) | ~Q(confirmed_by=F("started_by")),
                name="break_glass_two_names",
            ),
            models.CheckConstraint(
                condition=(Q(state="reviewed", reviewed_by__isnull=False) & ~Q(review=""))
                | (~Q(state="reviewed") & Q(reviewed_by=None)),
                name="break_glass_reviewed_in_words",
            ),
            models.CheckConstraint(
                condition=Q(reviewed_by=None)
                | (~Q(reviewed_by=F("started_by")) & ~Q(reviewed_by=F("confirmed_by"))),
                name="break_glass_reviewed_by_another",
            ),
        ]

    def __str__(self) -> str:
        return f"break-glass {self.pk} of {self.started_by}"
