"""Typed refusals of the packages become pages; absent and forbidden look alike."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.http import Http404, HttpRequest, HttpResponse

from identity.errors import ForbiddenError, NotFoundError

P = ParamSpec("P")


def hides_what_is_not_yours(
    view: Callable[Concatenate[HttpRequest, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """What is absent, and what is another's, both answer 404."""

    @wraps(view)
    def shown(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except (NotFoundError, ForbiddenError) as error:
            raise Http404 from error

    return shown
