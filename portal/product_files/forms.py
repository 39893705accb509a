"""The form that takes a file."""

from django import forms
from django.utils.translation import gettext_lazy as _

from catalog.product_files.formats import MAX_FILE_LENGTH
from catalog.revisions.actions import MAX_NOTE_LENGTH
from portal.pages.forms import PageForm


class ImportForm(PageForm):
    """The text of the file: the site takes no uploads. `shown` is the digest of the plan that the page showed."""

    hidden_field_names = frozenset({"shown"})
    max_file_length = MAX_FILE_LENGTH
    max_note_length = MAX_NOTE_LENGTH

    file = forms.CharField(
        strip=False,
        max_length=MAX_FILE_LENGTH,
        error_messages={"required": _("Paste the text of the file.")},
    )
    note = forms.CharField(required=False, max_length=MAX_NOTE_LENGTH)
    shown = forms.CharField(required=False, max_length=64)
