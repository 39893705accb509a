"""Promises of data products that were not kept."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from catalog.products.models import DataProduct

MAX_TEXT_LENGTH = 300


class PromiseKind(models.TextChoices):
    """Promises that are compared with facts."""

    FRESHNESS = "freshness", _("Freshness")
    QUALITY = "quality", _("Quality")


class PromiseBreach(models.Model):
    """From when until when a product did not keep a promise. While it is open, `fact` and `cause` follow what was found last.

    The texts are in English.
    """

    product = models.ForeignKey(DataProduct, on_delete=models.PROTECT, related_name="promise_breaches")
    kind = models.CharField(max_length=12, choices=PromiseKind)
    promised = models.CharField(max_length=MAX_TEXT_LENGTH, help_text="Such as: at most 24 hours old.")
    fact = models.CharField(max_length=MAX_TEXT_LENGTH, help_text="What was found last while it was open.")
    cause = models.CharField(max_length=MAX_TEXT_LENGTH, blank=True)
    began_at = models.DateTimeField()
    checked_at = models.DateTimeField(help_text="When the fact was last compared with the promise.")
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "promise breaches"
        constraints = [
            models.UniqueConstraint(
                fields=["product", "kind"], condition=Q(ended_at=None), name="promise_breach_open_once"
            ),
            models.CheckConstraint(condition=Q(kind__in=PromiseKind.values), name="promise_breach_kind"),
            models.CheckConstraint(condition=~Q(promised="") & ~Q(fact=""), name="promise_breach_says_what"),
            models.CheckConstraint(
                condition=Q(checked_at__gte=F("began_at"))
                & (Q(ended_at=None) | Q(ended_at__gte=F("began_at"))),
                name="promise_breach_begins_first",
            ),
        ]
        indexes = [models.Index(fields=["product", "-began_at"], name="promise_breach_history")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of {self.product}"

    @property
    def is_open(self) -> bool:
        return self.ended_at is None

    @property
    def subject(self) -> str:
        """What its events are about."""
        return f"product:{self.product_id}"
