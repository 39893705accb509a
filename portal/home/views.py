"""The home page: the panels of the person's jobs, in the order that `homes` declares."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from catalog.search.saved_searches import search_history
from portal.home.homes import combine_homes, list_jobs
from portal.home.panels import Panel, Visit, WaitingSection
from portal.pages.signed_in_person import get_signed_in_person


@dataclass(frozen=True)
class ShownPanel:
    """A panel with what it loaded."""

    panel: Panel
    content: Any

    @property
    def template(self) -> str:
        return self.panel.template

    @property
    def has_rows(self) -> bool:
        """Whether it is more than the sentence that nothing waits."""
        return not isinstance(self.content, WaitingSection) or self.content.total > 0


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    person, visit = get_signed_in_person(request), Visit(request)
    declared = combine_homes(list_jobs(person))
    panels, more_panels = _load_panels(declared.main, visit), _load_panels(declared.aside, visit)
    context = {
        "main_panels": panels,
        "aside_panels": more_panels,
        "history": search_history(person),
        "new_products": next(
            (shown.content for shown in more_panels if shown.panel.name == "new_products"), None
        ),
        "is_first_visit": not any(shown.has_rows for shown in panels),
    }
    return render(request, "portal/home/home.html", context)


def _load_panels(panels: Sequence[Panel], visit: Visit) -> list[ShownPanel]:
    loaded = [ShownPanel(panel, panel.load(visit)) for panel in panels]
    return [shown for shown in loaded if shown.content]
