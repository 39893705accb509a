"""What a change of subgrants adds and removes, shown before it is made, and whether AWS is ready for it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from django.utils.translation import gettext as _

from fulfilment.observations.models import Observed
from fulfilment.preview.tables import is_in_hybrid_mode, preview
from identity.accounts.models import Account, LocalGroup, LocalMember
from identity.errors import NotFoundError, RefusedError
from lakeformation.observation.reading import covers
from lakeformation.values.canonical_json import digest
from lakeformation.values.permissions import DESCRIBE
from requests_app.grants.models import Grant
from requests_app.grants.subgrants.intents import local_access
from requests_app.grants.subgrants.models import LocalGrant
from requests_app.grants.subgrants.queries import Offered, envelopes_of, groups_of, offered, passed_on
from requests_app.targets.access import list_table_columns


def check_ready(offer: Offered) -> None:
    """RefusedError where a member would get nothing to read by, as last read of AWS. Three queries of an adopted one."""
    if offer.access.adopted and (reason := _why_not(offer)):
        raise RefusedError(reason % {"table": offer.grant.table})


def _why_not(offer: Offered) -> str:
    access, catalog = offer.access, offer.grant.table.database.catalog
    held = Observed.objects.filter(catalog=catalog, principal_arn=access.principal_arn, condition="")
    if not held.filter(database=access.database, table="", verb=DESCRIBE, grantable=True).exists():
        return _(
            "The account may not pass on DESCRIBE on the database of %(table)s, without which nobody finds it."
        )
    location = replace(access, adopted=False).registration
    if location is None:
        return ""
    registered = catalog.registered_locations.values_list("arn", flat=True)
    if not any(covers(arn, location.arn) for arn in registered):
        return _(
            "The data of %(table)s are not registered with Lake Formation: its owner has to agree to that first."
        )
    if is_in_hybrid_mode(catalog, location.arn):
        return _("The data of %(table)s lie in hybrid access mode, where each reader is opted in by name.")
    return ""


Choices = Mapping[tuple[int, int], frozenset[str]]
"""By group and envelope, the classes that it shall see; what is not named stays as it is."""


@dataclass(frozen=True)
class Line:
    """One group and envelope whose columns become others. `columns` is what it sees then; empty: nothing."""

    group: LocalGroup
    offer: Offered
    before: LocalGrant | None
    columns: tuple[str, ...]
    members: tuple[LocalMember, ...]
    overlaps: tuple[str, ...] = ()
    """What members see then beyond a row rule, because of something else that they hold: in sentences."""

    @property
    def envelope(self) -> Grant:
        return self.offer.grant

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
class ChangePlan:
    lines: tuple[Line, ...]

    def digest(self) -> str:
        """SHA-256 over what is shown: an answer to another plan is none to this one."""
        return digest(
            [
                [
                    line.group.pk,
                    line.envelope.pk,
                    sorted(line.adds),
                    sorted(line.removes),
                    [member.arn for member in line.members],
                    list(line.overlaps),
                ]
                for line in self.lines
            ]
        )


def change_plan(account: Account, choices: Choices, now: datetime) -> ChangePlan:
    """NotFoundError for a group or envelope that is not the account's, or no longer is; RefusedError when a choice
    would show more than it says.
    """
    groups = {group.pk: group for group in groups_of(account)}
    offers = {grant.pk: offered(grant) for grant in envelopes_of(account, now)}
    if any(group not in groups or envelope not in offers for group, envelope in choices):
        raise NotFoundError
    before = passed_on(groups.values(), [offer.grant for offer in offers.values()])
    return ChangePlan(tuple(_lines(groups, offers, before, choices)))


def _lines(
    groups: Mapping[int, LocalGroup],
    offers: Mapping[int, Offered],
    before: Mapping[tuple[int, int], LocalGrant],
    choices: Choices,
) -> Iterator[Line]:
    for (group, envelope), classes in sorted(choices.items(), key=lambda one: one[0]):
        offer, held = offers[envelope], before.get((group, envelope))
        columns = offer.of_classes(classes)
        if columns:
            _check_keys(offer, classes)
            check_ready(offer)
        if columns != frozenset(held.columns if held else ()):
            members = tuple(groups[group].members_now)
            yield Line(
                groups[group],
                offer,
                held,
                tuple(sorted(columns)),
                members,
                _overlaps(offer, members, columns),
            )


def _check_keys(offer: Offered, classes: frozenset[str]) -> None:
    for key, classification in offer.keys.items():
        if classification == "sensitive" and "sensitive" in offer.columns and "sensitive" not in classes:
            words = {"key": key, "table": offer.grant.table}
            raise RefusedError(
                _("Partition key %(key)s of %(table)s is sensitive and comes with any column: give both.")
                % words
            )


def _overlaps(offer: Offered, members: Iterable[LocalMember], columns: frozenset[str]) -> tuple[str, ...]:
    """As the data's owner is told of them before a yes. A dozen queries a member."""
    if not columns:
        return ()
    table = list_table_columns(offer.grant.table)
    return tuple(
        f"{member.name} {widening.text}"
        for member in members
        for widening in preview(
            local_access(offer.grant, member, columns), table_columns=table
        ).effects.widenings
    )
