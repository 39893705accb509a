"""Reports of what people who left leave behind: requests, grants, and roles that nobody holds."""

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


class RoleVacancy(models.Model):
    """A role that decisions need and nobody active held since then: see `requests_app.leavers.vacancies`. Told once; `team` is
    None for a role across the mesh.
    """

    role = models.CharField(max_length=20)
    team = models.ForeignKey(
        "identity.Team", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    since = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    event = models.OneToOneField(Event, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name_plural = "role vacancies"
        constraints = [
            models.UniqueConstraint(
                fields=["role", "team"],
                condition=models.Q(ended_at=None),
                nulls_distinct=False,
                name="role_vacancy_open_once",
            )
        ]

    def __str__(self) -> str:
        return f"no {self.role} of {self.team}" if self.team else f"no {self.role}"
