"""Teams that a product's discovery settings name."""

from django.db import models

from catalog.products.models import DataProduct
from identity.people.models import Team


class DiscoveryTeam(models.Model):
    """A team named by a product whose audience is `teams`. Who may request is a part of who may see."""

    product = models.ForeignKey(DataProduct, on_delete=models.PROTECT, related_name="discovery_teams")
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    may_request = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["product", "team"], name="discovery_team_once")]

    def __str__(self) -> str:
        return f"{self.team} for {self.product}"
