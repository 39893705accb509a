"""Reports that somebody who left still has a request or a grant."""

from django.db import models

from audit.models import Event
from identity.people.models import Person


class Departure(models.Model):
    """`person` answered for the item, and left. Told once for each of them, whoever deactivated them."""

    item = models.ForeignKey("requests.RequestItem", on_delete=models.PROTECT, related_name="departures")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    event = models.OneToOneField(Event, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["item", "person"], name="departure_once")]

    def __str__(self) -> str:
        return f"{self.person} left {self.item}"
