"""The first answer to each call that came under a key of its caller's."""

from django.db import models

from identity.people.models import Person


class FirstAnswer(models.Model):
    """`call` is the digest of method, address and body. Without a `status` the call is under way, or broke off."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    key = models.CharField(max_length=64)
    call = models.CharField(max_length=64)
    began_at = models.DateTimeField()
    status = models.PositiveSmallIntegerField(null=True, blank=True)
    body = models.JSONField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "key"], name="first_answer_once")]

    def __str__(self) -> str:
        return f"answer to {self.person}'s call {self.key}"
