"""LF-Tag keys of the mirror, stored as a worker does it, and a proposal."""

from collections.abc import Mapping, Sequence
from typing import Any

from catalog.mirror.models import TagKey
from catalog.sync import database_writer
from catalog.tag_changes.actions import propose_tag_change
from demo.embedded.database_roles import WORKER
from identity.accounts import ConnectedCatalog
from kernel import clock
from lakeformation.tagging import TagAssignment, TagTarget
from tests.bank import Bank
from tests.database import as_role


def store_tag_keys(catalog: ConnectedCatalog, values_by_key: Mapping[str, Sequence[str]]) -> None:
    """All keys of the catalog."""
    with as_role(WORKER):
        database_writer.store_tag_keys(catalog, values_by_key, clock.now())


def make_sample_tag_change(bank: Bank) -> dict[str, Any]:
    """A key with a value that nothing carries yet, and a proposal to assign it that waits for Insurance; and the key of classes."""
    classes = ("private", "public", "sensitive")
    store_tag_keys(bank.catalog, {"stage": ("draft", "final"), "confidentiality": classes})
    target = TagTarget(bank.claims.database.name, bank.claims.name, "amount")
    change = propose_tag_change(
        acting_user=bank.greta, catalog=bank.catalog, assignments=[TagAssignment(target, "stage", "final")],
        reason="It is final.", now=clock.now(),
    )  # fmt: skip
    return {"tag": TagKey.objects.get(key="stage").pk, "tag_change": change.pk}
