"""Forms to ask and to answer a question."""

from django import forms
from django.utils.translation import gettext_lazy as _

from catalog.questions import MAX_ANSWER_LENGTH, MAX_QUESTION_LENGTH
from portal.pages.forms import PageForm


class QuestionForm(PageForm):
    max_text_length = MAX_QUESTION_LENGTH

    text = forms.CharField(
        label=_("Ask the owner and other users"),
        widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
        max_length=MAX_QUESTION_LENGTH,
        error_messages={"required": _("Write your question.")},
    )


class AnswerForm(PageForm):
    max_text_length = MAX_ANSWER_LENGTH

    text = forms.CharField(
        label=_("Your answer"),
        widget=forms.Textarea(attrs={"rows": 4, "dir": "auto"}),
        max_length=MAX_ANSWER_LENGTH,
        error_messages={"required": _("Write your answer.")},
    )
