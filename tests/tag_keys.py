"""LF-Tag keys of the mirror, stored as a worker does it."""

from collections.abc import Mapping, Sequence

from audit import clock
from catalog.sync import tag_key_writer
from demo.embedded.database_roles import WORKER
from identity.accounts.models import ConnectedCatalog
from tests.database import as_role


def store_tag_keys(catalog: ConnectedCatalog, values_by_key: Mapping[str, Sequence[str]]) -> None:
    """All keys of the catalog."""
    with as_role(WORKER):
        tag_key_writer.store_tag_keys(catalog, values_by_key, clock.now())
