"""Shares that somebody takes apart behind the portal while a crowd asks."""

import random
from collections.abc import Iterator
from typing import Any

from tools.environment.worker_environment import CATALOGS, WorkerEnvironment

Holding = tuple[str, str, str, str]
"""The owner's account and region, the receiver, and what is shared with it."""


def lose_shares(stage: WorkerEnvironment, seed: int) -> None:
    """One resource leaves its share, and the share of another pair is deleted, where there are two."""
    holdings = sorted(_list_holdings(stage))
    if not holdings:
        return
    lot = random.Random(f"shares-{seed}")
    account, region, receiver, resource = lot.choice(holdings)
    place = {"account": account, "region": region, "receiver": receiver}
    stage.write_line(f"{resource} leaves the share of {account} with {receiver}")
    stage.cloud.control("change", {"do": "unshare_resource", "resource": resource, **place})
    if others := sorted({one[:3] for one in holdings} - {(account, region, receiver)}):
        account, region, receiver = lot.choice(others)
        stage.write_line(f"The share of {account} with {receiver} is deleted")
        place = {"account": account, "region": region, "receiver": receiver}
        stage.cloud.control("change", {"do": "delete_share", **place})


def _list_holdings(stage: WorkerEnvironment) -> Iterator[Holding]:
    for account, region in CATALOGS:
        ram = stage.cloud.root("ram", account, region)
        receivers: dict[str, list[str]] = {}
        for share, receiver in _list_associations(ram, "PRINCIPAL"):
            receivers.setdefault(share, []).append(receiver)
        for share, resource in _list_associations(ram, "RESOURCE"):
            yield from ((account, region, receiver, resource) for receiver in receivers.get(share, []))


def _list_associations(ram: Any, kind: str) -> Iterator[tuple[str, str]]:
    """Shares, each with what it is associated with."""
    pages = ram.get_paginator("get_resource_share_associations").paginate(associationType=kind)
    for row in (row for page in pages for row in page["resourceShareAssociations"]):
        if row["status"] == "ASSOCIATED":
            yield row["resourceShareArn"], row["associatedEntity"]
