"""What a browser shows for an address that only takes a form: a page of ours, in place of its own blank one."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from portal.errors import views

METHOD_NOT_ALLOWED = 405


class OnlyForms:
    """Gives a refused GET words; the API has its own."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if (
            response.status_code != METHOD_NOT_ALLOWED
            or request.method != "GET"
            or views.is_of_the_api(request)
        ):
            return response
        page = views.only_a_form(request)
        page.headers["Allow"] = response.headers["Allow"]
        return page
