"""A site that sends the message of a task which calls AWS, and one that asks the database."""

from celery import Celery
from django.contrib.auth.decorators import login_not_required
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import path

from workers.aws.sessions import read_worker_arn

app = Celery("clicked", broker="memory://", backend="disabled://", set_as_current=False)


@app.task(name="tests.call_aws")
def call_aws() -> None:
    read_worker_arn()
    app.send_task("tests.end", ignore_result=True)


@app.task(name="tests.end")
def end() -> None:
    """What the first task wakes."""


@login_not_required
def click(_request: HttpRequest) -> HttpResponse:
    app.send_task("tests.call_aws", ignore_result=True)
    return HttpResponse()


@login_not_required
def look_up(_request: HttpRequest, word: str) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM catalog_table WHERE name = %s", [word])
        return HttpResponse(cursor.fetchone()[0])


urlpatterns = [
    path("click", click, name="click"),
    path("look-up/<word>", look_up, name="look-up"),
]
