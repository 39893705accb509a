"""One answer to several items."""

from django import forms

from portal.pages.forms import KeyedForm
from requests_app.access_requests.input_checks import MAX_TEXT_LENGTH
from requests_app.review.bulk.models import BulkDecision


class BulkForm(KeyedForm):
    """One answer to several items; which, and with which effects, stands beside it."""

    unseen = frozenset({"key", "answer"})
    longest = MAX_TEXT_LENGTH

    answer = forms.ChoiceField(choices=BulkDecision.Answer.choices)
    comment = forms.CharField(required=False)
