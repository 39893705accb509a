"""The forms of terms and of proposals for them."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalog.glossary.content import (
    MAX_DEFINITION_LENGTH,
    MAX_NAME_LENGTH,
    MAX_REASON_LENGTH,
    MAX_SYNONYMS,
    TermContent,
)
from catalog.glossary.models import Term
from catalog.products.models import Domain
from identity.people.models import Team
from portal.pages.forms import PageForm, set_choices

WHOLE_ORGANISATION, NO_TEAM = "", ""
MAX_SYNONYMS_LENGTH = MAX_SYNONYMS * (MAX_NAME_LENGTH + 2)


class TermForm(PageForm):
    """`domains` are those that can be chosen. Without an owner team, the domain's team answers for the term."""

    hidden_field_names = frozenset({"based_on"})
    max_lengths = {
        "name": MAX_NAME_LENGTH,
        "definition": MAX_DEFINITION_LENGTH,
        "synonyms": MAX_SYNONYMS_LENGTH,
        "note": MAX_REASON_LENGTH,
    }

    name = forms.CharField(
        label=_("Name"),
        widget=forms.TextInput(attrs={"dir": "auto"}),
        max_length=MAX_NAME_LENGTH,
        error_messages={"required": _("Give the term a name.")},
    )
    domain = forms.ChoiceField(
        label=_("Domain"),
        help_text=_("Domains can define the same word differently."),
        required=False,
        error_messages={"invalid_choice": _("Choose a domain, or the whole organisation.")},
    )
    definition = forms.CharField(
        label=_("Definition"),
        widget=forms.Textarea(attrs={"rows": 6, "dir": "auto"}),
        max_length=MAX_DEFINITION_LENGTH,
        error_messages={"required": _("Say what the term means.")},
    )
    synonyms = forms.CharField(
        label=_("Synonyms"),
        help_text=_("optional; with commas between them"),
        widget=forms.TextInput(attrs={"dir": "auto"}),
        required=False,
        max_length=MAX_SYNONYMS_LENGTH,
    )
    owner_team = forms.ChoiceField(
        label=_("Responsible"),
        help_text=_("The team that answers for the term."),
        required=False,
        error_messages={"invalid_choice": _("Choose the team that answers for the term.")},
    )
    note = forms.CharField(required=False, max_length=MAX_REASON_LENGTH)
    is_conflict = False
    is_draft = forms.BooleanField(required=False)
    based_on = forms.CharField(max_length=64, required=False)

    def __init__(
        self, data: Any, *, domains: Sequence[Domain], has_organisation: bool, initial: dict[str, Any]
    ) -> None:
        super().__init__(data, initial=initial)
        self.domains = {str(domain.pk): domain for domain in domains}
        choices = [(WHOLE_ORGANISATION, gettext("The whole organisation"))] if has_organisation else []
        set_choices(self, "domain", [*choices, *((pk, domain.name) for pk, domain in self.domains.items())])
        self.needs_domain = not has_organisation
        teams = [(str(pk), name) for pk, name in Team.objects.order_by("name").values_list("pk", "name")]
        set_choices(self, "owner_team", [(NO_TEAM, gettext("The domain's team")), *teams])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if self.needs_domain and not cleaned.get("domain") and "domain" not in self.errors:
            self.add_error("domain", _("Choose a domain."))
        elif not (
            cleaned.get("domain")
            or cleaned.get("owner_team")
            or {"domain", "owner_team"} & self.errors.keys()
        ):
            self.add_error("owner_team", _("Choose the team that answers for the term."))
        return cleaned

    def build_content(self) -> TermContent:
        said = self.cleaned_data
        domain = self.domains.get(said["domain"])
        team = int(said["owner_team"]) if said["owner_team"] else domain.owner_team_id if domain else 0
        return TermContent(
            name=said["name"],
            domain=domain.pk if domain else None,
            definition=said["definition"].replace("\r\n", "\n"),
            synonyms=tuple(filter(None, map(str.strip, said["synonyms"].split(",")))),
            owner_team=team,
        )


class ReplaceForm(PageForm):
    successor = forms.ChoiceField(
        label=_("Use instead"),
        error_messages={
            "required": _("Choose another approved term."),
            "invalid_choice": _("Choose another approved term."),
        },
    )
    note = forms.CharField(
        label=_("What changes, and why"),
        help_text=_("optional"),
        widget=forms.Textarea(attrs={"rows": 2, "dir": "auto"}),
        required=False,
        max_length=MAX_REASON_LENGTH,
    )
    shown = forms.CharField(max_length=64, required=False)

    def __init__(self, data: Any, *, terms: Sequence[Term], initial: dict[str, Any]) -> None:
        super().__init__(data, initial=initial)
        set_choices(
            self, "successor", [("", gettext("Choose a term")), *((term.slug, term.label) for term in terms)]
        )


class DecisionForm(PageForm):
    hidden_field_names = frozenset({"shown"})
    max_comment_length = MAX_REASON_LENGTH

    comment = forms.CharField(required=False, max_length=MAX_REASON_LENGTH)
    shown = forms.CharField(max_length=64, required=False)


def get_initial_values(content: TermContent, digest: str) -> dict[str, Any]:
    return {
        "name": content.name,
        "domain": str(content.domain or WHOLE_ORGANISATION),
        "definition": content.definition,
        "synonyms": ", ".join(content.synonyms),
        "owner_team": str(content.owner_team),
        "based_on": digest,
    }
