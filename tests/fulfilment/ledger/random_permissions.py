"""Random worlds of permissions: what AWS holds beside what intents want, with all that can stand between them."""

import random
from dataclasses import replace
from datetime import timedelta
from typing import Any

from audit import clock
from audit.actions import record
from fulfilment.intents.actions import catalog_scope_key, end, open_column, share_scope_key, want
from fulfilment.intents.models import Intent
from fulfilment.ledger import models
from fulfilment.observations.models import Observed
from fulfilment.observations.scope_facts import CatalogFacts
from fulfilment.observations.storage import held_in, store
from lakeformation.access.access import Access
from lakeformation.planning.removals import Removal
from lakeformation.values.column_sets import EVERY, ColumnSet
from lakeformation.values.permissions import Held, Permission, Place
from lakeformation.values.tag_expressions import Reach, TagExpression
from tests.bank import Bank
from tests.database import as_role, without_triggers
from tests.evidence import read_catalog, see

NAMES = ("claims", "Policies", "*")
DATABASES = ("gold", "gold_raw")
COLUMNS = ("a", "b", "c", "d")
GOLD = TagExpression.of({"tier": ["gold"]})


def columns(lots: random.Random) -> ColumnSet:
    some = lots.sample(COLUMNS, lots.randint(1, 3))
    return lots.choice([ColumnSet.include(some), ColumnSet.every(but=some), EVERY])


def populate(bank: Bank, lots: random.Random) -> None:
    """A dozen intents in all states, and what AWS may hold of them and beside."""
    with without_triggers():
        for number in range(lots.randint(4, 12)):
            _intent(bank, lots, number)
    with as_role("meshmarket_worker"):
        store(bank.catalog, [*DATABASES, ""], _held(bank, lots), now=clock.now())
    with without_triggers():
        _ended_and_ordered(bank, lots)


def _ended_and_ordered(bank: Bank, lots: random.Random) -> None:
    if lots.random() < 0.5:
        read_catalog(bank.catalog, CatalogFacts())
        for intent in Intent.objects.filter(presence=Intent.Presence.ABSENT, ended_at=None):
            if lots.random() < 0.5:
                end(intent_id=intent.pk, now=clock.now())
                see(intent, Intent.Presence.ABSENT, catalog=bank.catalog, consumer=bank.bi_account)
    rows = Observed.objects.filter(catalog=bank.catalog).order_by("pk")
    for permission, held in sorted(
        held_in(bank.catalog, rows).items(), key=lambda item: item[0].to_json()["table"]
    ):
        if lots.random() < 0.2:
            _ordered(bank, permission, lots.choice([held, columns(lots)]), is_gone=lots.random() < 0.3)


def _ordered(bank: Bank, permission: Permission, wanted: ColumnSet, *, is_gone: bool) -> None:
    """Somebody ordered its removal; `is_gone`: it was proven, and what is held now came later."""
    now, atom = clock.now(), Removal(0, permission, wanted).to_json()
    event = record(verb="order_removal", actor="person:1", subject="catalog:1", data={}, now=now)
    intent = want(
        kind=Intent.Kind.REMOVAL, scope_key=catalog_scope_key(bank.catalog.pk), subject=f"removal:{event.pk}",
        wanted=atom, effects={}, effects_hash="e" * 64, expires_at=None, now=now,
    )  # fmt: skip
    models.Removal.objects.create(
        catalog=bank.catalog, key="k", atom=atom, reason="Old.", ordered_by=bank.greta, ordered_at=now,
        intent=intent, event=event,
    )  # fmt: skip
    if is_gone:
        see(intent, Intent.Presence.ABSENT, catalog=bank.catalog, consumer=bank.bi_account)


def _access(bank: Bank, lots: random.Random) -> Access:
    owner, region = bank.catalog.account.account_id, bank.catalog.region
    account = bank.bi_account
    plain = Access(
        lots.choice([f"arn:aws:iam::{account.account_id}:role/r{n}" for n in range(2)]), "AROA",
        account.account_id, account.region, owner, region, "gov", lots.choice(DATABASES), lots.choice(NAMES), "",
        columns(lots),
    )  # fmt: skip
    changes: list[dict[str, Any]] = [
        {}, {}, {"metadata_only": True}, {"row_rule": "a = 1", "table": "claims"}, {"adopted": True},
        {"principal_arn": account.account_id}, {"envelope": 7}, {"consumer": owner}, {"owner": account.account_id},
        {"database": "", "table": "", "by_tags": Reach(GOLD, DATABASES, DATABASES[:1], (), ())},
        {"columns": ColumnSet.include(["a"]), "grows": True}, {"owner": "999999999999", "consumer": owner},
    ]  # fmt: skip
    return replace(plain, **lots.choice(changes))


def _intent(bank: Bank, lots: random.Random, number: int) -> None:
    now, access = clock.now(), _access(bank, lots)
    intent = want(
        kind=Intent.Kind.GRANT, scope_key=share_scope_key(bank.catalog.pk, access.consumer),
        subject=f"item:{number}", wanted=access.to_json(), effects={}, effects_hash="e" * 64,
        expires_at=lots.choice([None, now + timedelta(seconds=1), now + timedelta(days=9)]), now=now,
    )  # fmt: skip
    if access.grows:
        open_column(intent_id=intent.pk, column="b", now=now)
    seen = lots.choice([None, Intent.Presence.PRESENT, Intent.Presence.ABSENT, Intent.Presence.STALE])
    if seen:
        see(intent, seen, catalog=bank.catalog, consumer=bank.bi_account)
    if lots.random() < 0.3:
        end(intent_id=intent.pk, now=now)


def _held(bank: Bank, lots: random.Random) -> Held:
    """Of what is wanted a part, some of it with other columns; and what nobody wants."""
    place = Place(bank.catalog.account.account_id, bank.catalog.region)
    held: Held = {}
    for intent in Intent.objects.order_by("pk"):
        for permission, wanted in intent.access.permissions:
            if permission.place == place and not permission.through and lots.random() < 0.7:
                other = columns(lots) if permission.verb == "SELECT" else EVERY
                held[permission] = wanted if lots.random() < 0.5 else other
    for _ in range(lots.randint(0, 4)):
        who = f"arn:aws:iam::{bank.bi_account.account_id}:role/r{lots.randint(0, 2)}"
        where = lots.choice(DATABASES), lots.choice(NAMES)
        stray = Permission(
            place, who, *where, lots.choice(["SELECT", "DESCRIBE", "ALL"]), lots.random() < 0.3
        )
        held[replace(stray, condition=lots.choice(["", "x = 1"]))] = columns(lots)
    return held
