"""Recorded reminders and escalations of overdue items."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from audit.models import Event


class OverdueStep(models.Model):
    """One step, once for each time that the item began to wait (`since`)."""

    class Step(models.TextChoices):
        REMIND = "remind", _("the deciders are reminded")
        ESCALATE = "escalate", _("governance admins are notified")

    item = models.ForeignKey("requests.RequestItem", on_delete=models.PROTECT, related_name="overdue")
    step = models.CharField(max_length=10, choices=Step)
    since = models.DateTimeField()
    event = models.OneToOneField(Event, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = "overdue item"
        verbose_name_plural = "overdue items"
        constraints = [models.UniqueConstraint(fields=["item", "step", "since"], name="overdue_once")]

    def __str__(self) -> str:
        return f"{self.step} of {self.item}"
