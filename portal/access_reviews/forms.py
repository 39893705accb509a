"""Forms to start an access review and to decide on its items."""

from datetime import datetime
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from catalog.mirror.models import Classification
from catalog.products.models import DataProduct, Domain
from identity.accounts.models import Account
from portal.pages.forms import KeyedForm, PageForm, get_end_of_day
from requests_app.access_requests.input_checks import MAX_TEXT_LENGTH
from requests_app.access_reviews.actions import MAX_NAME_LENGTH
from requests_app.access_reviews.scope import MAX_UNUSED_DAYS, AccessReviewScope


class ScopeForm(forms.Form):
    """Filters of the review, in the query string, so that its grants are counted before it starts."""

    domain = forms.ModelChoiceField(Domain.objects.none(), required=False, to_field_name="slug")
    product = forms.ModelChoiceField(DataProduct.objects.none(), required=False, to_field_name="slug")
    account = forms.ModelChoiceField(
        Account.objects.filter(is_consumer=True).order_by("name"), required=False, to_field_name="account_id"
    )
    classification = forms.ChoiceField(choices=[("", ""), *Classification.choices], required=False)
    unused_days = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=MAX_UNUSED_DAYS,
        error_messages={"invalid": _("Enter a number.")},
    )

    def __init__(
        self, *args: Any, domains: QuerySet[Domain], products: QuerySet[DataProduct], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        for name, rows in (("domain", domains), ("product", products)):
            field = self.fields[name]
            assert isinstance(field, forms.ModelChoiceField)
            field.queryset = rows.order_by("name")

    @property
    def scope(self) -> AccessReviewScope:
        return AccessReviewScope(**{name: self.cleaned_data[name] for name in self.fields})


class StartForm(KeyedForm):
    """`counted` is the hash of the grants that the page counted."""

    max_name_length = MAX_NAME_LENGTH

    counted = forms.CharField(required=False, max_length=64)
    name = forms.CharField(max_length=MAX_NAME_LENGTH, error_messages={"required": _("Enter a name.")})
    due_on = forms.DateField(
        error_messages={"required": _("Choose a deadline."), "invalid": _("Enter a valid date.")}
    )

    @property
    def due_at(self) -> datetime:
        return get_end_of_day(self.cleaned_data["due_on"])


class AccessReviewDecisionForm(PageForm):
    """`until` applies only to grants that are kept."""

    hidden_field_names = frozenset({"answer"})
    max_text_length = MAX_TEXT_LENGTH

    answer = forms.ChoiceField(choices=[("keep", "keep"), ("revoke", "revoke")])
    reason = forms.CharField(error_messages={"required": _("Give a reason in one sentence.")})
    until = forms.DateField(required=False, error_messages={"invalid": _("Enter a valid date.")})

    @property
    def ends_at(self) -> datetime | None:
        day = self.cleaned_data["until"]
        return get_end_of_day(day) if day else None
