"""What an approval of write access makes true, and why AWS would not have it."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from fulfilment.intents.models import list_live_accesses_in_database
from fulfilment.observations.storage import build_parties
from fulfilment.preview import CellOverlap, is_location_in_hybrid_mode, load_held
from kernel.errors import RefusedError
from kernel.queries import QueryCache
from lakeformation.access.table_access import WriteAccess
from lakeformation.observation.reading import is_open_to_iam
from lakeformation.values.canonical_json import digest
from lakeformation.values.permissions import DESCRIBE, convert_permission_columns_to_json
from requests_app.write_access.models import WriteRequest


def build_write_access(row: WriteRequest) -> WriteAccess:
    table = row.table
    return WriteAccess(
        parties=build_parties(row.principal, table.database.catalog),
        database=table.database.name,
        table=table.name,
        verbs=tuple(sorted({*row.verbs, DESCRIBE})),
        table_created=table.glue_created_at,
        location=table.location,
    )


def build_effects(row: WriteRequest) -> dict[str, Any]:
    """As the intent carries them. They depend on what was requested, never on the state of AWS."""
    access = build_write_access(row)
    return {
        "access": access.to_json(),
        "atoms": convert_permission_columns_to_json(access.permissions),
        "ends_at": row.ends_at.isoformat(),
    }


def compute_effects_hash(row: WriteRequest) -> str:
    return digest(build_effects(row))


def list_obstacles(row: WriteRequest) -> list[str]:
    """Sentences on why it cannot be granted, as the role's other access and AWS were last read. Five queries at most."""
    return list(_iterate_obstacles(row, build_write_access(row), QueryCache()))


def check_obstacles(row: WriteRequest) -> None:
    """RefusedError where it cannot be granted."""
    if obstacles := list_obstacles(row):
        raise RefusedError(" ".join(obstacles), "principal")


def _iterate_obstacles(row: WriteRequest, access: WriteAccess, cache: QueryCache) -> Iterator[str]:
    catalog = row.table.database.catalog
    held = load_held(catalog, access)
    if is_location_in_hybrid_mode(catalog, row.table.location, cache):
        yield _("The data is in hybrid access mode, where IAM decides who writes.")
    elif access.is_cross_account and is_open_to_iam(held, access):
        yield _("IAMAllowedPrincipals still holds this table, so AWS refuses to share it with an account.")
    others = CellOverlap.load(catalog, access, held, cache).list_other_cells()
    is_partial = any(cells.rows or not cells.columns.is_every for cells in others)
    if is_partial or _is_reached_by_tags(access, cache):
        yield _(
            "The role reads only part of this table, or reads it by LF-Tags. AWS refuses write permissions to such a role. Choose another role."
        )


def _is_reached_by_tags(access: WriteAccess, cache: QueryCache) -> bool:
    """Whether another grant of the role reaches the table by LF-Tags, which may leave columns out."""
    mine = list_live_accesses_in_database(
        access.database,
        principal_arn=access.principal_arn,
        owner=access.owner,
        region=access.owner_catalog.region,
        cache=cache,
    )
    return any(one.tag_expression is not None and access.target in one.tables for one in mine)
