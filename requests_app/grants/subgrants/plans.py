"""What a change of subgrants adds and removes, shown before it is made, and whether AWS is ready for it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from django.utils.translation import gettext as _

from fulfilment.observations.models import ObservedPermission
from fulfilment.preview import is_in_hybrid_mode, preview_access
from identity.accounts import Account, LocalGroup, LocalMember
from kernel.errors import NotFoundError, RefusedError
from lakeformation.observation.reading import is_path_covered
from lakeformation.values.canonical_json import digest
from lakeformation.values.permissions import DESCRIBE
from requests_app.grants.models import Grant
from requests_app.grants.subgrants.intents import build_member_access
from requests_app.grants.subgrants.models import Subgrant
from requests_app.grants.subgrants.queries import (
    PassableColumns,
    build_passable_columns,
    list_account_grants,
    list_local_groups,
    map_subgrants,
)
from requests_app.targets.single_tables import list_table_columns


def check_ready(passable: PassableColumns) -> None:
    """RefusedError where a member would get nothing to read by, as last read of AWS. Three queries of an adopted one."""
    if passable.access.adoption and (reason := _find_obstacle(passable)):
        raise RefusedError(reason % {"table": passable.grant.table})


def _find_obstacle(passable: PassableColumns) -> str:
    access, catalog = passable.access, passable.grant.table.database.catalog
    held = ObservedPermission.objects.filter(
        catalog=catalog, principal_arn=access.principal_arn, condition=""
    )
    if not held.filter(database=access.database, table="", verb=DESCRIBE, grantable=True).exists():
        return _(
            "The account can't pass on DESCRIBE on the database of %(table)s, and without it nobody can find the table."
        )
    location = replace(access, adoption=None).registration
    if location is None:
        return ""
    registered = catalog.registered_locations.values_list("arn", flat=True)
    if not any(is_path_covered(arn, location.arn) for arn in registered):
        return _(
            "The data of %(table)s is not registered with Lake Formation. Its data owner has to approve that first."
        )
    if is_in_hybrid_mode(catalog, location.arn):
        return _("The data of %(table)s is in hybrid access mode, where each role is opted in by name.")
    return ""


SubgrantChoices = Mapping[tuple[int, int], frozenset[str]]
"""By group and account grant, the classes that it shall see; what is not named stays as it is."""


@dataclass(frozen=True)
class SubgrantChange:
    """One group and account grant whose columns change. `columns` is what it sees then; empty: nothing."""

    group: LocalGroup
    passable: PassableColumns
    before: Subgrant | None
    columns: tuple[str, ...]
    members: tuple[LocalMember, ...]
    overlaps: tuple[str, ...] = ()
    """What members see then beyond a row filter, because of something else that they hold: in sentences."""

    @property
    def account_grant(self) -> Grant:
        return self.passable.grant

    @property
    def adds(self) -> tuple[str, ...]:
        had = set(self.before.columns) if self.before else set()
        return tuple(name for name in self.columns if name not in had)

    @property
    def removes(self) -> tuple[str, ...]:
        return tuple(
            name for name in (self.before.columns if self.before else ()) if name not in self.columns
        )


@dataclass(frozen=True)
class SubgrantPlan:
    changes: tuple[SubgrantChange, ...]

    def compute_hash(self) -> str:
        """SHA-256 of the plan. Applying names it, so that a changed plan is refused."""
        return digest(
            [
                [
                    line.group.pk,
                    line.account_grant.pk,
                    sorted(line.adds),
                    sorted(line.removes),
                    [member.arn for member in line.members],
                    list(line.overlaps),
                ]
                for line in self.changes
            ]
        )


def build_subgrant_plan(account: Account, choices: SubgrantChoices, now: datetime) -> SubgrantPlan:
    """NotFoundError for a group or account grant that is not the account's, or no longer is; RefusedError
    when a choice would show more than it says.
    """
    groups = {group.pk: group for group in list_local_groups(account)}
    offers = {grant.pk: build_passable_columns(grant) for grant in list_account_grants(account, now)}
    if any(group not in groups or account_grant not in offers for group, account_grant in choices):
        raise NotFoundError
    before = map_subgrants(groups.values(), [offer.grant for offer in offers.values()])
    return SubgrantPlan(tuple(_iterate_changes(groups, offers, before, choices)))


def _iterate_changes(
    groups: Mapping[int, LocalGroup],
    offers: Mapping[int, PassableColumns],
    before: Mapping[tuple[int, int], Subgrant],
    choices: SubgrantChoices,
) -> Iterator[SubgrantChange]:
    for (group, account_grant), classes in sorted(choices.items(), key=lambda one: one[0]):
        offer, held = offers[account_grant], before.get((group, account_grant))
        columns = offer.select_columns(classes)
        if columns:
            _check_partition_keys(offer, classes)
            check_ready(offer)
        if columns != frozenset(held.columns if held else ()):
            members = tuple(groups[group].current_members)
            yield SubgrantChange(
                groups[group],
                offer,
                held,
                tuple(sorted(columns)),
                members,
                _list_overlaps(offer, members, columns),
            )


def _check_partition_keys(passable: PassableColumns, classes: frozenset[str]) -> None:
    for key, classification in passable.partition_keys.items():
        if classification == "sensitive" and "sensitive" in passable.columns and "sensitive" not in classes:
            words = {"key": key, "table": passable.grant.table}
            raise RefusedError(
                _(
                    "The partition key %(key)s of %(table)s is sensitive and included with any column. Select both."
                )
                % words
            )


def _list_overlaps(
    passable: PassableColumns, members: Iterable[LocalMember], columns: frozenset[str]
) -> tuple[str, ...]:
    """As the data owner sees them before an approval. A dozen queries a member."""
    if not columns:
        return ()
    table = list_table_columns(passable.grant.table)
    return tuple(
        f"{member.name} {widening.text}"
        for member in members
        for widening in preview_access(
            build_member_access(passable.grant, member, columns), table_columns=table
        ).effects.widenings
    )
