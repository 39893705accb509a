"""Responses to NotFoundError and ForbiddenError: both are 404, so that hidden objects cannot be probed."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.http import Http404, HttpRequest, HttpResponse

from kernel.errors import ForbiddenError, NotFoundError

P = ParamSpec("P")


def return_404_if_hidden(
    view: Callable[Concatenate[HttpRequest, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Answer 404 for NotFoundError and ForbiddenError."""

    @wraps(view)
    def shown(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except (NotFoundError, ForbiddenError) as error:
            raise Http404 from error

    return shown
