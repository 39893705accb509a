"""An error page for 405 responses to GET."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from portal.errors import views

METHOD_NOT_ALLOWED = 405


class MethodNotAllowedMiddleware:
    """Not for the API, which answers in JSON."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if (
            response.status_code != METHOD_NOT_ALLOWED
            or request.method != "GET"
            or views.is_api_request(request)
        ):
            return response
        page = views.method_not_allowed(request)
        page.headers["Allow"] = response.headers["Allow"]
        return page
