"""Base forms with hidden fields and idempotency keys, and shared fields."""

import uuid
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, time
from functools import cached_property
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django import forms
from django.forms.boundfield import BoundField
from django.forms.renderers import TemplatesSetting
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kernel.errors import ForbiddenError, IllegalTransitionError, RefusedError
from lakeformation.values.row_filters import MAX_LENGTH
from requests_app.access_requests.input_checks import MAX_KEY_LENGTH, MAX_TEXT_LENGTH
from requests_app.review.terms import MAX_HOURS


class HoursField(forms.IntegerField):
    """A duration in hours, instead of an end date."""

    def __init__(self) -> None:
        words = _("Enter the number of hours, at least 1.")
        errors = dict.fromkeys(("required", "invalid", "min_value", "max_value"), words)
        super().__init__(required=False, min_value=1, max_value=MAX_HOURS, error_messages=errors)


def get_end_of_day(last: date) -> datetime:
    """The last second of the day, in the current time zone."""
    return datetime.combine(last, time(23, 59, 59), tzinfo=ZoneInfo(timezone.get_current_timezone_name()))


class RowFilterField(forms.CharField):
    """Not stripped, so that the position of a syntax error matches the text entered."""

    def __init__(self) -> None:
        super().__init__(
            required=False,
            strip=False,
            max_length=MAX_LENGTH,
            error_messages={"max_length": _("A row filter can have at most 2,048 characters.")},
        )


INCOMPLETE_FORM = _(
    "Your browser sent incomplete data, so nothing was saved. Check the form and send it again."
)


def set_choices(form: forms.Form, name: str, choices: Iterable[tuple[Any, str]]) -> None:
    """Sets the choices of a field that depend on who reads the page."""
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)
    field.choices = list(choices)


CODE = {"class": "mono", "spellcheck": "false", "autocapitalize": "off", "dir": "ltr"}
"""The attributes of a control whose text is code."""


class DateInput(forms.DateInput):
    """The browser's own date picker, which reads and sends ISO dates."""

    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%d")


class PageField(BoundField):
    """A field of a page, as `components/field.html` draws it with `{{ form.name.as_field_group }}`.

    A help text that ends with a full stop stands below the control, which refers to it; a phrase stands in the label.
    """

    @property
    def has_hint_below(self) -> bool:
        return str(self.help_text).endswith(".")

    @property
    def label_hint(self) -> Any:
        if self.has_hint_below:
            return getattr(self.form, "label_hints", {}).get(self.name, "")
        return self.help_text

    @property
    def has_options(self) -> bool:
        """Whether it is drawn as a group of radio buttons or checkboxes."""
        return isinstance(self.field.widget, (forms.RadioSelect, forms.CheckboxSelectMultiple))

    @property
    def aria_describedby(self) -> str:
        hint = [f"{self.html_name}-hint"] if self.has_hint_below else []
        return " ".join([*hint, *([f"{self.html_name}-error"] if self.errors else [])])

    def build_widget_attrs(self, attrs: dict[str, Any], widget: forms.Widget | None = None) -> dict[str, Any]:
        widget = widget or self.field.widget
        attrs = super().build_widget_attrs(attrs, widget)
        if not isinstance(widget, (forms.CheckboxInput, forms.RadioSelect, forms.CheckboxSelectMultiple)):
            attrs["class"] = " ".join(["input", *widget.attrs.get("class", "").split()])
        return {**attrs, "cols": False} if isinstance(widget, forms.Textarea) else attrs


class PageRenderer(TemplatesSetting):
    field_template_name = "components/field.html"
    bound_field_class = PageField


class PageForm(forms.Form):
    """Errors of `hidden_field_names` appear above the form: those fields are not visible."""

    default_renderer = PageRenderer
    hidden_field_names: ClassVar[frozenset[str]] = frozenset()
    label_hints: ClassVar[Mapping[str, Any]] = {}
    """Hints in the labels of fields that have another one below."""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if self.hidden_field_names & self.errors.keys():
            self.add_error(None, INCOMPLETE_FORM)
        return self.cleaned_data if cleaned is None else cleaned


class IdempotentForm(PageForm):
    """Submitted twice with one key, it has one effect. The key is in the field `key_field`."""

    key_field: ClassVar[str] = "idempotency_key"
    is_key_used = False

    @cached_property
    def form_key(self) -> str:
        """The submitted key; a new one for an unbound form or if the key was refused."""
        refused = self.is_key_used or self.key_field in self.errors
        came = "" if refused else self.data.get(self.key_field, "")
        return came or uuid.uuid4().hex


def add_refusal(form: forms.Form, error: RefusedError, **fields: str) -> None:
    """Add the error to its field or to the form. `fields` maps argument names of the action to form fields."""
    field = fields.get(error.field, error.field)
    form.add_error(field if field in form.fields else None, error.message)


def run_decision(form: forms.Form, decide: Callable[[], object], **fields: str) -> bool:
    """Whether it was decided. A refusal is added to the form, with `fields` as in `add_refusal`."""
    if not form.is_valid():
        return False
    try:
        decide()
    except RefusedError as error:
        add_refusal(form, error, **fields)
    except ForbiddenError as error:
        form.add_error(None, error.verdict.reason)
    except IllegalTransitionError:
        form.add_error(None, _("It was decided in the meantime."))
    else:
        return True
    return False


class DecisionForm(PageForm):
    """A comment on the decision; whether it is needed, the action says. `effects_hash` is of what the page showed."""

    hidden_field_names = frozenset({"effects_hash"})
    max_comment_length = MAX_TEXT_LENGTH

    comment = forms.CharField(required=False, max_length=MAX_TEXT_LENGTH)
    effects_hash = forms.CharField(required=False, max_length=64)


class KeyedForm(IdempotentForm):
    hidden_field_names = frozenset({"idempotency_key"})

    idempotency_key = forms.CharField(max_length=MAX_KEY_LENGTH)

    def add_refusal(self, error: RefusedError, **fields: str) -> None:
        """Like the function; a key that was used is replaced by a new one, and its error stands above the form."""
        self.is_key_used = error.field == self.key_field
        add_refusal(self, error, **{**fields, self.key_field: ""})


class ReasonForm(PageForm):
    """A reason. `idempotency_key` identifies what the page showed, if it matters."""

    hidden_field_names = frozenset({"idempotency_key"})
    max_text_length = MAX_TEXT_LENGTH

    reason = forms.CharField(error_messages={"required": _("Give a reason in one sentence.")})
    idempotency_key = forms.CharField(max_length=64, required=False)
