"""Random worlds of permissions: what AWS holds beside what intents want, with all that can stand between them."""

import random
from dataclasses import replace
from datetime import timedelta
from typing import Any

from audit.actions import record_event
from fulfilment.intents.actions import (
    add_released_column,
    catalog_scope_key,
    create_intent,
    end_intent,
    share_scope_key,
)
from fulfilment.intents.models import Intent
from fulfilment.observations.models import ObservedPermission
from fulfilment.observations.scope_facts import CatalogFacts
from fulfilment.observations.storage import build_held, store_permissions
from fulfilment.permissions import models
from kernel import clock
from lakeformation.access.access import Access
from lakeformation.access.base import Adoption
from lakeformation.access.database_access import DatabaseAccess, DatabaseReach
from lakeformation.access.parties import Parties
from lakeformation.access.table_access import TableAccess
from lakeformation.access.tag_access import TagAccess, TagReach
from lakeformation.planning.removals import Removal
from lakeformation.values.column_sets import ALL_COLUMNS, ColumnSet
from lakeformation.values.permissions import DataCatalog, HeldPermissions, Permission
from lakeformation.values.resource_links import LinkNaming
from lakeformation.values.tag_expressions import TagExpression
from tests.bank import Bank
from tests.database import as_role, without_triggers
from tests.engine_readings import store_catalog_reading, write_presence

TABLES = ("claims", "Policies")
NAMES = (*TABLES, "*")
DATABASES = ("gold", "gold_raw")
COLUMNS = ("a", "b", "c", "d")
GOLD = TagExpression.from_values({"tier": ["gold"]})


def pick_columns(lots: random.Random) -> ColumnSet:
    some = lots.sample(COLUMNS, lots.randint(1, 3))
    return lots.choice([ColumnSet.include(some), ColumnSet.every(exclude=some), ALL_COLUMNS])


def make_random_permissions(bank: Bank, lots: random.Random) -> None:
    """A dozen intents in all states, and what AWS may hold of them and beside."""
    with without_triggers():
        for number in range(lots.randint(4, 12)):
            _make_intent(bank, lots, number)
    with as_role("meshmarket_worker"):
        store_permissions(bank.catalog, [*DATABASES, ""], _pick_held(bank, lots), now=clock.now())
    with without_triggers():
        _end_and_order_some(bank, lots)


def _end_and_order_some(bank: Bank, lots: random.Random) -> None:
    if lots.random() < 0.5:
        store_catalog_reading(bank.catalog, CatalogFacts())
        for intent in Intent.objects.filter(presence=Intent.Presence.ABSENT, ended_at=None):
            if lots.random() < 0.5:
                end_intent(intent_id=intent.pk, now=clock.now())
                write_presence(intent, Intent.Presence.ABSENT, catalog=bank.catalog, consumer=bank.bi_account)
    rows = ObservedPermission.objects.filter(catalog=bank.catalog).order_by("pk")
    for permission, held in sorted(
        build_held(bank.catalog, rows).items(), key=lambda item: item[0].to_json()["table"]
    ):
        if lots.random() < 0.2:
            _order_removal(
                bank, permission, lots.choice([held, pick_columns(lots)]), is_gone=lots.random() < 0.3
            )


def _order_removal(bank: Bank, permission: Permission, wanted: ColumnSet, *, is_gone: bool) -> None:
    """Somebody ordered its removal; `is_gone`: it was proven, and what is held now came later."""
    now, atom = clock.now(), Removal(0, permission, wanted).to_json()
    event = record_event(verb="order_removal", actor="engine:test", subject="catalog:1", data={}, now=now)
    intent = create_intent(
        kind=Intent.Kind.REMOVAL, scope_key=catalog_scope_key(bank.catalog.pk), subject=f"removal:{event.pk}",
        wanted=atom, effects={}, effects_hash="e" * 64, expires_at=None, now=now,
    )  # fmt: skip
    models.PermissionRemoval.objects.create(
        catalog=bank.catalog, key="k", atom=atom, reason="Old.", ordered_by=bank.greta, ordered_at=now,
        intent=intent, event=event,
    )  # fmt: skip
    if is_gone:
        write_presence(intent, Intent.Presence.ABSENT, catalog=bank.catalog, consumer=bank.bi_account)


def _pick_access(bank: Bank, lots: random.Random) -> Access:
    owner, region = bank.catalog.account.account_id, bank.catalog.region
    account = bank.bi_account
    role = lots.choice([f"arn:aws:iam::{account.account_id}:role/r{n}" for n in range(2)])
    consumer_catalog, owner_catalog = (
        DataCatalog(account.account_id, account.region),
        DataCatalog(owner, region),
    )
    parties = Parties(role, "AROA", consumer_catalog, owner_catalog, "gov")
    changes: list[dict[str, Any]] = [
        {}, {"principal_arn": account.account_id}, {"consumer_catalog": owner_catalog}, {"owner_catalog": consumer_catalog},
        {"owner_catalog": DataCatalog("999999999999", region), "consumer_catalog": owner_catalog},
    ]  # fmt: skip
    if lots.random() < 0.5:
        parties = replace(parties, **lots.choice(changes))
    pick = lots.choice([_pick_table_access, _pick_table_access, _pick_table_access, _pick_many_tables_access])
    return replace(pick(parties, lots), adoption=lots.choice([None, None, None, None, Adoption()]))


def _pick_table_access(parties: Parties, lots: random.Random) -> Access:
    plain = TableAccess(
        parties=parties,
        database=lots.choice(DATABASES),
        table=lots.choice(TABLES),
        table_created="",
        columns=pick_columns(lots),
    )
    changes: list[dict[str, Any]] = [
        {}, {}, {"metadata_only": True}, {"row_filter": "a = 1", "table": "claims"}, {"account_grant": 7},
        {"columns": ColumnSet.include(["a"]), "holds_new_columns": True}, {"link_naming": LinkNaming(by_table=True)},
    ]  # fmt: skip
    return replace(plain, **lots.choice(changes))


def _pick_many_tables_access(parties: Parties, lots: random.Random) -> Access:
    if lots.random() < 0.5:
        return TagAccess(parties=parties, reach=TagReach(GOLD, DATABASES, DATABASES[:1], (), ()))
    inside = DatabaseReach(TABLES, ())
    return DatabaseAccess(parties=parties, database=lots.choice(DATABASES), database_created="", reach=inside)


def _make_intent(bank: Bank, lots: random.Random, number: int) -> None:
    now, access = clock.now(), _pick_access(bank, lots)
    intent = create_intent(
        kind=Intent.Kind.GRANT, scope_key=share_scope_key(bank.catalog.pk, access.consumer),
        subject=f"item:{number}", wanted=access.to_json(), effects={}, effects_hash="e" * 64,
        expires_at=lots.choice([None, now + timedelta(seconds=1), now + timedelta(days=9)]), now=now,
    )  # fmt: skip
    if isinstance(access, TableAccess) and access.holds_new_columns:
        add_released_column(intent_id=intent.pk, column="b", now=now)
    seen = lots.choice([None, Intent.Presence.PRESENT, Intent.Presence.ABSENT, Intent.Presence.STALE])
    if seen:
        write_presence(intent, seen, catalog=bank.catalog, consumer=bank.bi_account)
    if lots.random() < 0.3:
        end_intent(intent_id=intent.pk, now=now)


def _pick_held(bank: Bank, lots: random.Random) -> HeldPermissions:
    """Of what is wanted a part, some of it with other columns; and what nobody wants."""
    place = DataCatalog(bank.catalog.account.account_id, bank.catalog.region)
    held: HeldPermissions = {}
    for intent in Intent.objects.order_by("pk"):
        for permission, wanted in intent.access.permissions:
            if permission.catalog == place and not permission.passed_on_by and lots.random() < 0.7:
                other = pick_columns(lots) if permission.verb == "SELECT" else ALL_COLUMNS
                held[permission] = wanted if lots.random() < 0.5 else other
    for _ in range(lots.randint(0, 4)):
        who = f"arn:aws:iam::{bank.bi_account.account_id}:role/r{lots.randint(0, 2)}"
        where = lots.choice(DATABASES), lots.choice(NAMES)
        stray = Permission(
            place, who, *where, lots.choice(["SELECT", "DESCRIBE", "ALL"]), lots.random() < 0.3
        )
        held[replace(stray, condition=lots.choice(["", "x = 1"]))] = pick_columns(lots)
    return held
