"""The smallest page of Django that is of the same kind as ours: a session, one question, twenty rows, a template."""

from django.http import HttpRequest, HttpResponse
from django.template import Context, Engine
from django.urls import path

from catalog.mirror.models import Table

ROWS = 20
PAGE = Engine().from_string(
    "<!doctype html><title>Tables</title><h1>{{ request.user.name }}</h1><table>{% for row in rows %}"
    "<tr><td>{{ row.pk }}</td><td>{{ row.name }}</td><td>{{ row.kind|default:'-' }}</td></tr>{% endfor %}</table>"
)


def baseline_page(request: HttpRequest) -> HttpResponse:
    rows = Table.objects.only("pk", "name", "kind").order_by("pk")[:ROWS]
    return HttpResponse(PAGE.render(Context({"request": request, "rows": rows})))


urlpatterns = [path("", baseline_page)]
