"""A history played against a fresh world, the comparison of the three ways, and the cutting of one that disagrees."""

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from botocore.exceptions import ClientError, ParamValidationError

from mocklake import switches
from mocklake.histories import mesh, ways
from mocklake.histories.calls import Call, draw
from mocklake.histories.mesh import OWNER, REGION
from mocklake.oracle import metadata
from mocklake.oracle.metadata import Place
from mocklake.testing.in_process import InProcess

LENGTH = 200
LOOKS = (60, 130, LENGTH)
"""After how many calls the ways are compared."""
BROKEN = ("InternalFailure", "MocklakeNotImplemented")
TURNED = (
    "merge_column_rows", "describe_beside_partial_select", "regrants_by_described_tags", "drop_leaves_shares", "account_opt_ins",
    "filter_deletion_takes_grants", "cells_outside_filters", "tagged_columns_describe_table",
)  # fmt: skip
"""The switches on which it depends who reads what."""


@dataclass(frozen=True)
class History:
    calls: tuple[Call, ...]
    turned: dict[str, Any] = field(default_factory=dict)


def drawn(seed: int, length: int = LENGTH) -> History:
    """Half of the histories go by the defaults, the others turn switches by lot."""
    random = Random(seed)
    turned = {
        name: random.choice(switches.ALL[name].values) for name in TURNED if seed % 2 and name in switches.ALL
    }
    return History(tuple(draw(random, length)), turned)


def disagreement(history: History, looks: tuple[int, ...] = LOOKS, *, about: str = "") -> str:
    """The first one in words that begin with `about`; empty when there is none."""
    with tempfile.TemporaryDirectory(prefix="mocklake-histories-") as folder:
        path = Path(folder) / "mesh.yaml"
        path.write_text(mesh.text())
        # Polite, as the listing that is compared follows each call at once.
        with InProcess(seed=str(path), manners="polite") as aws:
            switches.turn(aws.simulator.world, history.turned)
            return next((one for one in _told(Stage(aws), history, looks) if one.startswith(about)), "")


def _told(stage: "Stage", history: History, looks: tuple[int, ...]) -> Iterator[str]:
    for number, call in enumerate(history.calls, 1):
        broken = stage.play(call)
        if broken:
            yield f"{call}: {broken}"
        if number in looks or number == len(history.calls):
            yield from stage.compared()


class Stage:
    """A world in which histories are played, with the clients of everybody in it."""

    def __init__(self, aws: InProcess) -> None:
        self.aws = aws
        self._clients: dict[tuple[str, str, str], Any] = {}
        self._readers = [ways.Reader(aws, *one) for one in mesh.READERS]

    def play(self, call: Call) -> str:
        """What went wrong inside of mocklake; AWS's refusals are part of a history."""
        given = self._found(call) if call.service == "ram" else call.given
        if given is None:
            return ""
        client = self._client(call.account, call.role, call.service)
        name = _python_name(client, call.operation)
        try:
            getattr(client, name)(**given)
        except ParamValidationError as error:
            return str(error)
        except ClientError as error:
            code = error.response["Error"]["Code"]
            return f"{code} {error}" if code in BROKEN else ""
        return ""

    def compared(self) -> Iterator[str]:
        """Each difference between two ways."""
        for reader in self._readers:
            for database in mesh.LINKS:
                yield from self._shown(reader, database)
            for database, table in mesh.TABLES:
                yield from self._read(reader, database, table)

    def _shown(self, reader: ways.Reader, database: str) -> Iterator[str]:
        with self.aws.here():
            expected = ways.shown_by_oracle(self.aws.simulator.world, reader.arn, database)
        try:
            found = reader.by_glue(database)
        except (AssertionError, ClientError) as error:
            yield f"{reader.arn} on {database}: {error}"
            return
        if found != expected:
            yield f"{reader.arn} on {database}: Glue shows {found}, the oracle says {expected}"

    def _read(self, reader: ways.Reader, database: str, table: str) -> Iterator[str]:
        world = self.aws.simulator.world
        with self.aws.here():
            expected = ways.read_by_oracle(world, reader.arn, database, table)
            there = database if reader.account == OWNER else ways.leads_to(world, reader.account, database)
            seen = there is not None and (
                reader.account == OWNER
                or metadata.sees_database(world, reader.arn, Place(reader.account, REGION, there))
            )
        try:
            found = reader.by_athena(there or "nowhere", table)
        except ClientError as error:
            yield f"{reader.arn} on {database}.{table}: {error}"
            return
        if found != (expected if seen else None):
            yield f"{reader.arn} on {database}.{table}: Athena reads {found}, the oracle says {expected}, link seen: {seen}"

    def _found(self, call: Call) -> dict[str, Any] | None:
        """RAM's parameters as they are now; None when there is nothing to answer or delete."""
        client = self._client(call.account, call.role, "ram")
        if call.operation == "DeleteResourceShare":
            shares = client.get_resource_shares(resourceOwner="SELF")["resourceShares"]
            active = [one["resourceShareArn"] for one in shares if one["status"] == "ACTIVE"]
            return {"resourceShareArn": active[0]} if active else None
        invited = client.get_resource_share_invitations()["resourceShareInvitations"]
        waiting = [one["resourceShareInvitationArn"] for one in invited if one["status"] == "PENDING"]
        return {"resourceShareInvitationArn": waiting[0]} if waiting else None

    def _client(self, account: str, role: str, service: str) -> Any:
        key = (account, role, service)
        if key not in self._clients:
            self._clients[key] = self.aws.client(service, account, role)
        return self._clients[key]


def _python_name(client: Any, operation: str) -> str:
    names: dict[str, str] = client.meta.method_to_api_mapping
    return next(name for name, one in names.items() if one == operation)


def shortened(history: History, *, is_wrong: Callable[[History], bool]) -> History:
    """A history that is still wrong and in which no single call can be left out."""
    calls = list(history.calls)
    size = max(len(calls) // 2, 1)
    while True:
        begin, cut = 0, False
        while begin < len(calls):
            fewer = calls[:begin] + calls[begin + size :]
            if is_wrong(History(tuple(fewer), history.turned)):
                calls, cut = fewer, True
            else:
                begin += size
        if size == 1 and not cut:
            break
        size = size if cut and size == 1 else max(size // 2, 1)
    needed = {
        name: value
        for name, value in history.turned.items()
        if not is_wrong(History(tuple(calls), {k: v for k, v in history.turned.items() if k != name}))
    }
    slim = History(tuple(calls), needed)
    return slim if is_wrong(slim) else History(tuple(calls), history.turned)
