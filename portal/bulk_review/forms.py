"""The form for a bulk decision."""

from django import forms

from portal.pages.forms import KeyedForm
from requests_app.access_requests.input_checks import MAX_TEXT_LENGTH
from requests_app.review.bulk.models import BulkDecision


class BulkDecisionForm(KeyedForm):
    """One decision for several items; item ids and effect hashes are sent separately."""

    hidden_field_names = frozenset({"idempotency_key", "answer"})
    max_text_length = MAX_TEXT_LENGTH

    answer = forms.ChoiceField(choices=BulkDecision.Answer.choices)
    comment = forms.CharField(required=False)
