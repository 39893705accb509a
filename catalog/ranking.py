"""How hits are put in order: weights that people set, version by version, and what is counted of each document.

The newest row is in force from its commit on; before there is one, `DEFAULTS`.
"""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from identity.people.models import Person

MANY_TEAMS = 20
"""Used by so many teams a document is as popular as can be; by fewer, by the logarithm of their number."""
DEFAULTS = {
    "name": 1.0, "words": 0.4, "parts": 0.15, "popularity": 0.2, "completeness": 0.1, "own_domain": 0.1,
}  # fmt: skip
_ALL_WITHIN = Q(*((f"{weight}__range", (0, 1)) for weight in DEFAULTS))


def _weight(name: str, help_text: str) -> "models.FloatField[float, float]":
    within = (MinValueValidator(0.0), MaxValueValidator(1.0))
    return models.FloatField(default=DEFAULTS[name], validators=within, help_text=help_text)


class RankingWeights(models.Model):
    """One version of the weights, each from 0 to 1; never changed.

    The first three say how much a word counts by where it stands. The others are what is added to a hit's rank, as a share
    of it, when it is as popular or complete as can be, or of the person's own domain.
    """

    name = _weight("name", "a word in the name")
    words = _weight("words", "in summary, description, keywords, domain, owner, database")
    parts = _weight("parts", "in the tables of a product, in columns and their comments")
    popularity = _weight("popularity", f"used by {MANY_TEAMS} teams or more; a part of it for fewer")
    completeness = _weight("completeness", "everything is described; a part of it for less")
    own_domain = _weight("own_domain", "of a domain whose owner team the person is in")
    reason = models.CharField(max_length=240, help_text="why these")
    set_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", editable=False)
    set_at = models.DateTimeField(editable=False)

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = "ranking weights"
        constraints = [models.CheckConstraint(condition=_ALL_WITHIN, name="catalog_ranking_weights_0_to_1")]

    def __str__(self) -> str:
        return f"weights {self.pk}"


def in_force() -> dict[str, float]:
    """Each weight by its name."""
    return RankingWeights.objects.values(*DEFAULTS).first() or DEFAULTS
