"""The form of a release note."""

from django import forms
from django.utils.translation import gettext_lazy as _

from catalog.release_notes.actions import MAX_TEXT_LENGTH
from catalog.release_notes.models import MAX_TITLE_LENGTH
from portal.pages.forms import PageForm


class ReleaseNoteForm(PageForm):
    max_title_length, max_text_length = MAX_TITLE_LENGTH, MAX_TEXT_LENGTH

    title = forms.CharField(
        max_length=MAX_TITLE_LENGTH, error_messages={"required": _("Describe what is new in one line.")}
    )
    text = forms.CharField(required=False, max_length=MAX_TEXT_LENGTH)
