"""Rows of the search: saved and recent searches, precomputed completions, ranking weights."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from catalog.products.fields import SEARCHED_FIELDS
from identity.people.models import Person


class CachedPrefix(models.Model):
    """Completions of the first letters of words. A row without completions invalidates the others of its prefix."""

    prefix = models.TextField()
    completions = models.JSONField(null=True, help_text="[kind, label, slug] of each")
    witnesses = ArrayField(
        models.BigIntegerField(), default=list, help_text="documents that contain the completions"
    )

    class Meta:
        verbose_name_plural = "cached prefixes"
        indexes = [
            models.Index(fields=["prefix"], name="catalog_prefix"),
            GinIndex(fields=["witnesses"], name="catalog_prefix_witnesses"),
        ]

    def __str__(self) -> str:
        return self.prefix


MANY_TEAMS = 20
"""A document used by so many teams is as popular as possible; below, popularity grows with the logarithm. The same holds for
tables made from it.
"""
DEFAULTS = {
    "name": 1.0, "words": 0.4, "parts": 0.15, "popularity": 0.2, "completeness": 0.1, "own_domain": 0.1,
    "quality": 0.1, "promise": 0.05, "freshness": 0.05, "lineage": 0.05,
}  # fmt: skip
_ALL_WITHIN = Q(*((f"{weight}__range", (0, 1)) for weight in DEFAULTS))


def _weight(name: str, help_text: str) -> "models.FloatField[float, float]":
    within = (MinValueValidator(0.0), MaxValueValidator(1.0))
    return models.FloatField(default=DEFAULTS[name], validators=within, help_text=help_text)


class RankingWeights(models.Model):
    """One version of the weights, each from 0 to 1; never changed.

    The first three weigh a word by where it is found. The others are the share that is added to the rank of a hit that is as
    popular, complete, good, fresh or reused as possible, that keeps its promises, or that is of the person's own domain.
    """

    name = _weight("name", "a word in the name")
    words = _weight(
        "words", f"in {', '.join(one.name for one in SEARCHED_FIELDS)}, keywords, domain, owner, database"
    )
    parts = _weight("parts", "in the tables of a product, in columns and their comments")
    popularity = _weight("popularity", f"used by {MANY_TEAMS} teams or more; a part of it for fewer")
    completeness = _weight("completeness", "everything is described; a part of it for less")
    own_domain = _weight("own_domain", "of a domain whose owner team the person is in")
    quality = _weight("quality", "every rule of its latest quality checks passed; a part of it for fewer")
    promise = _weight("promise", "its promises on freshness and quality are kept")
    freshness = _weight("freshness", "updated within a day; a part of it within 7 or 30 days")
    lineage = _weight("lineage", f"{MANY_TEAMS} tables or more are made from it; a part of it for fewer")
    reason = models.CharField(max_length=240, help_text="why these")
    set_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", editable=False)
    set_at = models.DateTimeField(editable=False)

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = "ranking weights"
        constraints = [models.CheckConstraint(condition=_ALL_WITHIN, name="catalog_ranking_weights_0_to_1")]

    def __str__(self) -> str:
        return f"weights {self.pk}"


class SavedSearch(models.Model):
    """A search that a person saved under a name. `alert` is how often they are told of new results."""

    class Alert(models.TextChoices):
        NONE = "none", _("No alert")
        AT_ONCE = "at_once", _("At once")
        DAILY = "daily", _("Daily")
        WEEKLY = "weekly", _("Weekly")

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="saved_searches")
    name = models.CharField(max_length=80)
    querystring = models.TextField(help_text="see `SearchQuery.to_querystring`")
    saved_at = models.DateTimeField()
    alert = models.CharField(max_length=10, choices=Alert, default=Alert.NONE)
    due_at = models.DateTimeField(null=True, blank=True, help_text="when it is compared next")
    checked_at = models.DateTimeField(null=True, blank=True, help_text="when it was compared last")
    compared_state = models.CharField(
        max_length=64, blank=True, help_text="digest of all that the last comparison depended on"
    )

    class Meta:
        verbose_name_plural = "saved searches"
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["person", "name"], name="catalog_saved_search_once"),
            models.CheckConstraint(
                condition=Q(alert="none", due_at=None) | ~Q(alert="none") & Q(due_at__isnull=False),
                name="catalog_saved_search_due",
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at"], condition=Q(due_at__isnull=False), name="catalog_saved_search_due"
            )
        ]

    def __str__(self) -> str:
        return self.name


class SavedSearchHit(models.Model):
    """A hit of a saved search that its alerts know. `found_at` is None for what was there when the alert was chosen."""

    search = models.ForeignKey(SavedSearch, on_delete=models.PROTECT, related_name="hits")
    kind = models.CharField(max_length=10, help_text="product or table")
    object_id = models.BigIntegerField()
    found_at = models.DateTimeField(null=True, blank=True)
    is_new = models.BooleanField(help_text="the person has not opened the search since")

    class Meta:
        verbose_name_plural = "hits of saved searches"
        constraints = [
            models.UniqueConstraint(fields=["search", "kind", "object_id"], name="catalog_saved_hit_once")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.object_id}"


class RecentSearch(models.Model):
    """One of a person's last searches."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="recent_searches")
    querystring = models.TextField()
    text = models.TextField(help_text="what stood in the box")
    created_at = models.DateTimeField()
    found_nothing = models.BooleanField(
        default=False, db_default=False, help_text="nothing was found, and it is not counted yet"
    )

    class Meta:
        verbose_name_plural = "recent searches"
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["person", "querystring"], name="catalog_recent_search_once")
        ]
        indexes = [
            models.Index(
                fields=["created_at"], condition=Q(found_nothing=True), name="catalog_search_uncounted"
            )
        ]

    def __str__(self) -> str:
        return self.text
