"""The form of discovery settings."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms

from catalog.discovery.settings import DiscoverySettings
from catalog.products.models import Audience
from identity.people.models import Team
from portal.pages.forms import PageForm, set_choices


class DiscoveryForm(PageForm):
    """`shown` is the digest of the settings that were there; `previewed` that of those whose effect was shown."""

    hidden_field_names: ClassVar[frozenset[str]] = frozenset({"shown", "previewed"})
    seen_by = forms.ChoiceField(choices=Audience.choices)
    see_teams = forms.TypedMultipleChoiceField(coerce=int, required=False)
    requested_by = forms.ChoiceField(choices=Audience.choices)
    request_teams = forms.TypedMultipleChoiceField(coerce=int, required=False)
    shown = forms.CharField(max_length=64)
    previewed = forms.CharField(max_length=64, required=False)

    def __init__(self, data: Any, *, teams: Sequence[Team], settings: DiscoverySettings) -> None:
        super().__init__(
            data,
            initial={
                "seen_by": settings.seen_by,
                "requested_by": settings.requested_by,
                "see_teams": sorted(settings.see_teams),
                "request_teams": sorted(settings.request_teams),
                "shown": settings.digest,
            },
        )
        choices = [(team.pk, team.name) for team in teams]
        set_choices(self, "see_teams", choices)
        set_choices(self, "request_teams", choices)

    @property
    def settings(self) -> DiscoverySettings:
        said = self.cleaned_data
        return DiscoverySettings(
            said["seen_by"],
            said["requested_by"],
            frozenset(said["see_teams"]),
            frozenset(said["request_teams"]),
        )
