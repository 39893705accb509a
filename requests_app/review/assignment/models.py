"""Assignments of decisions to people, and comments on decisions of every kind but access requests, which have their own."""

from django.db import models
from django.db.models import Q

from audit.models import Event
from identity.people.models import Person


class Assignment(models.Model):
    """`person` is to decide on `subject`, which is an item or a row of a kind of decision, as in `item:4` or `registration:7`. It gives
    no right: others may still decide.
    """

    subject = models.CharField(max_length=60, unique=True)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="assignments")
    assigned_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    assigned_at = models.DateTimeField()
    event = models.OneToOneField(Event, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"{self.subject} for {self.person}"


class DecisionComment(models.Model):
    """What somebody says about a decision without making it. `key` makes one that is sent twice be one."""

    subject = models.CharField(max_length=60, db_index=True)
    author = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    text = models.TextField()
    posted_at = models.DateTimeField()
    key = models.CharField(max_length=64)
    event = models.OneToOneField(Event, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["author", "key"], name="decision_comment_once"),
            models.CheckConstraint(condition=~Q(text=""), name="decision_comment_has_a_text"),
        ]

    def __str__(self) -> str:
        return f"{self.author} on {self.subject}"
