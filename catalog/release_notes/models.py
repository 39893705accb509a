"""Release notes of data products."""

from django.db import models
from django.db.models import Q

from catalog.products.models import DataProduct
from identity.people.models import Person

MAX_TITLE_LENGTH = 120


class ReleaseNote(models.Model):
    """Never changes. `version` is the product's when it was written; `text` is Markdown."""

    product = models.ForeignKey(DataProduct, on_delete=models.PROTECT, related_name="release_notes")
    version = models.CharField(max_length=20)
    title = models.CharField(max_length=MAX_TITLE_LENGTH)
    text = models.TextField(blank=True)
    written_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(title=""), name="release_note_has_a_title")]

    def __str__(self) -> str:
        return self.title

    @property
    def subject(self) -> str:
        """What its event is about."""
        return f"release_note:{self.pk}"
