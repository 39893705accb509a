"""The smallest view that writes: Django's own middleware, JSON in and out, so many rows in one transaction."""

import json
from typing import ClassVar

from django.db import connection, models, transaction
from django.http import HttpRequest, JsonResponse

from demo.embedded import database_roles

TABLE = "bench_row"


class Row(models.Model):
    """A row of about the size of ours."""

    name = models.TextField()
    data = models.JSONField()
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[models.Manager["Row"]] = models.Manager()

    class Meta:
        app_label = "bench"
        managed = False
        db_table = TABLE
        indexes: ClassVar = [models.Index(fields=["created_at"], name="bench_row_created_at")]

    def __str__(self) -> str:
        return self.name


def create_table() -> None:
    with connection.schema_editor() as editor:
        editor.create_model(Row)
        editor.execute(f"GRANT SELECT, INSERT ON {TABLE} TO {database_roles.WEB}")


def write_rows(request: HttpRequest) -> JsonResponse:
    asked = json.loads(request.body)
    with transaction.atomic():
        for number in range(asked["rows"]):
            row = Row.objects.create(
                name=f"{request.user}", data={"purpose": asked["purpose"], "number": number}
            )
    return JsonResponse({"id": row.pk}, status=201)
