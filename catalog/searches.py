"""Searches that one person keeps, and the last ones they made. Nobody else sees them, in the administration neither."""

from django.db import models

from identity.people.models import Person


class SavedSearch(models.Model):
    """A search under a name of its person's own."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="saved_searches")
    name = models.CharField(max_length=80)
    querystring = models.TextField(help_text="see `SearchQuery.to_querystring`")
    saved_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "saved searches"
        ordering = ["name", "pk"]
        constraints = [models.UniqueConstraint(fields=["person", "name"], name="catalog_saved_search_once")]

    def __str__(self) -> str:
        return self.name


class RecentSearch(models.Model):
    """One of the last searches of a person; see `catalog.recalling`."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="recent_searches")
    querystring = models.TextField()
    text = models.TextField(help_text="what stood in the box")
    made_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "recent searches"
        ordering = ["-made_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["person", "querystring"], name="catalog_recent_search_once")
        ]

    def __str__(self) -> str:
        return self.text
