"""Questions about data products, who else has them, and their answers."""

from django.db import models
from django.db.models import Q

from catalog.products.models import DataProduct
from identity.people.models import Person


class Question(models.Model):
    product = models.ForeignKey(DataProduct, on_delete=models.PROTECT, related_name="questions")
    text = models.TextField()
    asked_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(text=""), name="question_has_a_text")]

    def __str__(self) -> str:
        return self.text

    @property
    def subject(self) -> str:
        """What its events are about."""
        return f"question:{self.pk}"


class SameQuestion(models.Model):
    """A person who has the same question, besides who asked it."""

    question = models.ForeignKey(Question, on_delete=models.PROTECT, related_name="same_questions")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    joined_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["question", "person"], name="same_question_once")]

    def __str__(self) -> str:
        return f"{self.person} with question {self.question_id}"


class Answer(models.Model):
    """`is_by_owner`: its person was the product's owner or a data owner of its domain when it was written."""

    question = models.ForeignKey(Question, on_delete=models.PROTECT, related_name="answers")
    text = models.TextField()
    answered_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    answered_at = models.DateTimeField()
    is_by_owner = models.BooleanField()

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(text=""), name="answer_has_a_text")]

    def __str__(self) -> str:
        return self.text
