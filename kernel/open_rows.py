"""Inserts a row of which only one may be open at a time."""

from typing import Any

from django.db import IntegrityError, models, transaction

from kernel.errors import RefusedError


def insert_open_row(row: models.Model, open_rows: models.QuerySet[Any], refusal: RefusedError) -> None:
    """Insert the row, or raise `refusal` if there is one of `open_rows`. A unique constraint must hold the same: of two that come at
    once, it refuses one. It is not relied upon alone, because PostgreSQL logs each violation as an error.
    """
    if open_rows.exists():
        raise refusal
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        raise refusal from error
