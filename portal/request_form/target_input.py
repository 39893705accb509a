"""How the address of the request form, and the API, name a target."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse

from kernel.errors import NotFoundError
from portal.pages.row_ids import parse_id
from requests_app.access_requests.item_targets import Text

Members = Mapping[str, Callable[[], Any]]
"""Functions that make the field of the API's input, by its name."""


class TargetInput(ABC):
    """One kind of target. Its instance is listed in `portal.request_form.views.TARGET_INPUTS`."""

    kind: ClassVar[str]
    """In the API, as `ItemTarget.api_kind`."""
    parameter: ClassVar[str]
    """In the address of the form."""
    members: ClassVar[Members]
    """Of a `target` of this kind: all of them are required, and no other kind takes them unless it names them too."""
    item_members: ClassVar[Members] = {}
    """Of an item whose target is of this kind, likewise."""
    item_member_message: ClassVar[Text] = ""

    @abstractmethod
    def render_form(self, request: HttpRequest) -> HttpResponse:
        """The form, or a redirect to the request that was sent."""


def get_id(request: HttpRequest, name: str) -> int:
    """NotFoundError."""
    found = parse_id(request.GET[name])
    if found is None:
        raise NotFoundError
    return found
