"""What is said on an item between the ask and the yes: changes, and words."""

from django.db import models
from django.db.models import Q

from audit.models import Event
from identity.people.models import Person


class Change(models.Model):
    """What an item asked for, and what it asks for since: changed by its asker, or given less by who decided.

    `before` and `after` are `requests_app.terms.Terms` as JSON. The first one's `before` is the ask as it was made.
    """

    item = models.ForeignKey("requests.Item", on_delete=models.PROTECT, related_name="changes")
    made_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    before = models.JSONField()
    after = models.JSONField()
    comment = models.TextField(blank=True)
    event = models.OneToOneField(Event, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"change of item {self.item_id} by {self.made_by}"


class Remark(models.Model):
    """Words on an item by its asker or its deciders; those that ask for a change send it back."""

    class Kind(models.TextChoices):
        COMMENT = "comment", "comment"
        RETURN = "return", "asks for a change"

    item = models.ForeignKey("requests.Item", on_delete=models.PROTECT, related_name="remarks")
    author = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    said_at = models.DateTimeField()
    kind = models.CharField(max_length=10, choices=Kind)
    text = models.TextField()
    key = models.CharField(max_length=64, help_text="the form's own key: a double submit is one")
    event = models.OneToOneField(Event, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["item", "author", "key"], name="remark_said_once"),
            models.CheckConstraint(condition=~Q(text=""), name="remark_says_something"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} on item {self.item_id} by {self.author}"
