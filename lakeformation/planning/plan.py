"""The ordered calls that lead from what is observed to what is desired."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import chain

from lakeformation.access.table_access import TableAccess
from lakeformation.observation.reading import UNREGISTERED_REASON, Invitation, InvitationState, Observation
from lakeformation.planning.changes import (
    LINK_NAME_TAKEN,
    MAX_BATCH_ENTRIES,
    DriftReport,
    Plan,
    PlannedChange,
    Step,
)
from lakeformation.planning.desired import DesiredState, IntentSpec, get_table_key, list_selected_tables
from lakeformation.values.column_sets import ALL_COLUMNS, NO_COLUMNS, ColumnSet
from lakeformation.values.permissions import DESCRIBE, SELECT, DataCatalog, Permission, sort_permissions
from lakeformation.values.resource_links import Link, Share, list_shared_resources
from lakeformation.values.wording import describe_cells_filter, describe_columns, describe_permission


def list_open_invitations(share: Share, observed: Observation) -> list[Invitation]:
    """To be accepted: of the share's sender, and for what Lake Formation names as the share of our permissions."""
    mine = (
        invitation for invitation in observed.invitations if invitation.share_arn in observed.named_shares
    )
    return [one for one in mine if one.state is InvitationState.OPEN and one.sender == share.sender.account]


def find_unreachable_intents(desired: DesiredState, observed: Observation) -> frozenset[int]:
    """The intents that want something which lies in a share that nobody can accept any more, whatever other shares
    of the pair were accepted.
    """
    closed = observed.list_closed_shares(InvitationState.EXPIRED, InvitationState.REJECTED)
    wanted = desired.wanted.permissions
    return frozenset(
        pk for arn in closed for one in observed.permissions_by_share[arn] for pk in wanted.get(one, ())
    )


def get_undelivered_reason(share: Share, desired: DesiredState, observed: Observation) -> str:
    """Why a share has not reached its receiver, as a sentence without its stop."""
    sender, receiver = share.sender.account, share.receiver
    if observed.list_closed_shares(InvitationState.REJECTED):
        words = "revoke this access and request it again to get another invitation"
        return f"{receiver} rejected the invitation of {sender}; {words}"
    if observed.list_closed_shares(InvitationState.EXPIRED):
        words = "its share contains permissions held outside the portal, which prevent another invitation"
        if any(list_revokes_for_new_invitation(desired, observed)):
            words = "another invitation is sent"
        return f"{receiver} did not accept the invitation of {sender} in time; {words}"
    for arn, status in sorted(observed.stopped_shares.items()):
        return f"RAM says {status} of the share {arn.rsplit('/', 1)[-1]} of {sender} with {receiver}"
    return f"waiting for the share of {sender} to reach {receiver}"


def list_revokes_for_new_invitation(
    desired: DesiredState, observed: Observation
) -> Iterator[tuple[Permission, ColumnSet, tuple[int, ...]]]:
    """What to revoke, with the intents that want it still: Lake Formation ends a share with its last permission, and
    for the next grant makes another one, with another invitation.

    Where a share carries anything of somebody else's making it would stay as it is, and nothing is touched.
    """
    for share in sorted(observed.list_closed_shares(InvitationState.EXPIRED)):
        rows = observed.permissions_by_share[share]
        if all(_is_ours(row, desired, observed) for row in rows):
            for permission in sort_permissions(rows & desired.wanted.permissions.keys()):
                yield (
                    permission,
                    observed.held[permission],
                    desired.wanted.list_intents(permission, ALL_COLUMNS),
                )


def list_revokes_for_new_share(
    desired: DesiredState, observed: Observation, specs: Mapping[int, IntentSpec]
) -> Iterator[tuple[Permission, ColumnSet, tuple[int, ...]]]:
    """What to revoke, with the intents that want it still, as no share with the consumer holds its database or table any
    more: Lake Formation lists it, but it opens nothing. The next grant puts it into a share.
    """
    permissions: set[Permission] = set()
    for intent in {pk for intents in desired.wanted.shares.values() for pk in intents}:
        access = specs[intent].access
        lost = frozenset(observed.list_unshared(access))
        granted = (one for one, _columns in access.permissions if one.catalog == access.owner_catalog)
        permissions.update(
            one for one in granted if not one.passed_on_by and not lost.isdisjoint(list_shared_resources(one))
        )
    for permission in sort_permissions(
        permissions & desired.wanted.permissions.keys() & observed.held.keys()
    ):
        intents = desired.wanted.list_intents(permission, ALL_COLUMNS)
        yield permission, observed.held[permission], intents


def _is_ours(permission: Permission, desired: DesiredState, observed: Observation) -> bool:
    justified = desired.wanted.get_columns(permission) | desired.former.get_columns(permission)
    return not observed.held.get(permission, NO_COLUMNS) - justified


def build_plan(desired: DesiredState, observed: Observation, specs: Iterable[IntentSpec]) -> Plan:
    """Removals first, then grants and opt-ins, invitations and links, then grants on links and what is passed on.

    Subgrants are removed before their account grant.
    """
    result = Plan()
    by_intent = {spec.intent_id: spec for spec in specs}
    _wait_for_locations_and_tables(result, desired, observed, by_intent)
    for wanted, intents in desired.wanted.filters.items():
        if lack := observed.get_filter_problem(wanted):
            result.add_waiting(sorted(intents), f"{lack}; it is created first")
            result.filter_problems |= dict.fromkeys(intents, lack)
    _wait_for_selects(result, desired, observed)
    _wait_for_account_grants(result, desired, observed)
    revokes = sorted(_list_all_revokes(desired, observed, by_intent), key=_get_revoke_order)
    grants = [
        c for c in _list_grants(desired, observed, revokes) if not _is_waiting(c, result.waiting_reasons)
    ]
    needed = _find_needed_describes(desired, observed, grants)
    revokes = [c for c in revokes if c.atom not in needed]
    links = [
        *_list_link_database_creations(result, desired, observed),
        *_list_link_creations(result, desired, observed),
    ]
    on_links = {(link.catalog, link.consumer_database) for link in desired.wanted.links}
    first, second = _split_grants(grants, on_links)
    second = [c for c in second if not _is_on_taken_name(c, result.waiting_reasons)]
    result.steps += _build_batches("BatchRevokePermissions", revokes)
    opt_outs = _list_opt_outs(desired, observed)
    result.steps += [Step("DeleteLakeFormationOptIn", c.catalog, (c,)) for c in opt_outs]
    unlinks = [*_list_link_deletions(desired, observed), *_list_link_database_deletions(desired, observed)]
    result.steps += [Step(f"Delete{_get_link_kind(c)}", c.catalog, (c,)) for c in unlinks]
    result.steps += _build_batches("BatchGrantPermissions", first)
    opt_ins = [c for c in _list_opt_ins(desired, observed) if not _is_waiting(c, result.waiting_reasons)]
    result.steps += [Step("CreateLakeFormationOptIn", c.catalog, (c,)) for c in opt_ins]
    result.steps += [
        Step("AcceptResourceShareInvitation", c.catalog, (c,))
        for c in _list_acceptances(result, desired, observed, by_intent)
    ]
    result.steps += [Step(f"Create{_get_link_kind(c)}", c.catalog, (c,)) for c in links]
    result.steps += _build_batches("BatchGrantPermissions", second)
    _wait_for_unknown_rows(result, desired, observed, by_intent)
    result.surplus = list(_find_surplus(desired, observed))
    return result


def _wait_for_locations_and_tables(
    result: Plan, desired: DesiredState, observed: Observation, specs: dict[int, IntentSpec]
) -> None:
    for intent in sorted({i for parts in desired.wanted.permissions.values() for i in parts}):
        access = specs[intent].access
        if lacking := observed.list_unregistered(access):
            where = (
                access.location
                if isinstance(access, TableAccess)
                else f"s3://{lacking[0].removeprefix('arn:aws:s3:::')}"
            )
            result.waiting_reasons[intent] = f"{where} {UNREGISTERED_REASON}"
        for database, table in sorted(observed.list_lacking_tables(access)):
            result.add_waiting([intent], f"table {database}.{table} is not there; it is created first")


def _wait_for_unknown_rows(
    result: Plan, desired: DesiredState, observed: Observation, specs: dict[int, IntentSpec]
) -> None:
    """What has ended is removed all the same, but it is not proven that its principal holds nothing more."""
    for intent in sorted(desired.ended & specs.keys()):
        if reason := observed.get_unknown_reason(specs[intent].access):
            result.add_waiting([intent], reason)


def _wait_for_selects(result: Plan, desired: DesiredState, observed: Observation) -> None:
    """DESCRIBE that comes with a SELECT is there as soon as the SELECT is, or as long as it is held itself."""
    selected = list_selected_tables(observed.held) if desired.implied_describes else ()
    for describe, intents in desired.implied_describes.items():
        if get_table_key(describe) not in selected and describe not in observed.held:
            result.add_waiting(
                intents, f"waits for the SELECT on {describe.database}.{describe.table} that gives it"
            )


def _wait_for_account_grants(result: Plan, desired: DesiredState, observed: Observation) -> None:
    """An account passes on only what has reached it with the grant option."""
    for permission, parts in desired.wanted.permissions.items():
        if not permission.passed_on_by:
            continue
        account_grant = replace(
            permission, principal=permission.passed_on_by, grantable=True, passed_on_by=""
        )
        lacks = desired.wanted.get_columns(permission) - observed.held.get(account_grant, NO_COLUMNS)
        needs = list_shared_resources(permission)
        if lacks or not all(need.is_in(observed.received_resources) for need in needs):
            where = f"{permission.database}.{permission.table}".rstrip(".")
            result.add_waiting(
                parts, f"waiting until {permission.passed_on_by} can pass on its permissions on {where}"
            )


def _list_all_revokes(
    desired: DesiredState, observed: Observation, specs: dict[int, IntentSpec]
) -> list[PlannedChange]:
    """Revokes of what is granted again, by another share, replace other revokes of the same permission."""
    renewed = {revoke[0]: revoke for revoke in list_revokes_for_new_invitation(desired, observed)}
    renewed |= {revoke[0]: revoke for revoke in list_revokes_for_new_share(desired, observed, specs)}
    whole = [_build_change("revoke", *one) for one in renewed.values()]
    taken = {change.atom for change in whole}
    others = [*_list_revokes(desired, observed), *_list_changed_filter_revokes(desired, observed)]
    return [*whole, *(change for change in others if change.atom not in taken)]


def _list_changed_filter_revokes(desired: DesiredState, observed: Observation) -> Iterator[PlannedChange]:
    """What is held on a filter that no longer is what was approved: closed before it is made anew."""
    for permission in sort_permissions(desired.wanted.permissions):
        found = observed.filters.get((permission.database, permission.table, permission.cells_filter))
        if found and found not in desired.wanted.filters and permission in observed.held:
            intents = desired.wanted.list_intents(permission, ALL_COLUMNS)
            yield _build_change("revoke", permission, ALL_COLUMNS, intents)


def _find_needed_describes(
    desired: DesiredState, observed: Observation, grants: Iterable[PlannedChange]
) -> set[Permission]:
    """DESCRIBE that live intents want while the SELECT that shall give it has to wait."""
    given = (grant.atom for grant in grants if isinstance(grant.atom, Permission))
    selected = list_selected_tables(chain(given, observed.held)) if desired.implied_describes else ()
    return {describe for describe in desired.implied_describes if get_table_key(describe) not in selected}


def find_interrupted_intents(plan: Plan, desired: DesiredState, observed: Observation) -> set[int]:
    """Live intents whose DESCRIBE is taken away before the SELECT that shall give it is granted: AWS's documents
    forbid the one beside the other. In between they have nothing.
    """
    selected = list_selected_tables(observed.held)
    changes = (change for step in plan.steps for change in step.changes if change.action == "revoke")
    return {
        intent
        for change in changes
        if isinstance(change.atom, Permission) and get_table_key(change.atom) not in selected
        for intent in desired.implied_describes.get(change.atom, ())
    }


def _list_opt_ins(desired: DesiredState, observed: Observation) -> Iterator[PlannedChange]:
    for opt_in in sorted(desired.wanted.opt_ins):
        if opt_in not in observed.opt_ins:
            intents = tuple(sorted(desired.wanted.opt_ins[opt_in]))
            yield PlannedChange("opt in", opt_in.catalog, opt_in.resource, opt_in, None, intents)


def _list_opt_outs(desired: DesiredState, observed: Observation) -> Iterator[PlannedChange]:
    """What nothing justifies any more, unless a permission relies on it: one of somebody else's making, or an adopted one.
    DESCRIBE needs no opt-in.
    """
    seeing = {p for p in desired.wanted.permissions if p.verb == DESCRIBE}
    for opt_in in sorted(desired.former.opt_ins):
        if opt_in in desired.wanted.opt_ins or opt_in not in observed.opt_ins:
            continue
        place = opt_in.catalog, opt_in.principal, opt_in.database, opt_in.table
        mine = {p for p in observed.held if (p.catalog, p.principal, p.database, p.table) == place}
        if not mine - desired.former.permissions.keys() - seeing:
            intents = tuple(sorted(desired.former.opt_ins[opt_in]))
            yield PlannedChange("opt out", opt_in.catalog, opt_in.resource, opt_in, None, intents)


def _is_waiting(change: PlannedChange, waiting: dict[int, str]) -> bool:
    return all(intent in waiting for intent in change.intents)


def _list_revokes(desired: DesiredState, observed: Observation) -> Iterator[PlannedChange]:
    for permission in sort_permissions(desired.former.permissions):
        held = observed.held.get(permission)
        if held is None:
            continue
        former = desired.former.get_columns(permission)
        if held.is_exclusion and not former.is_exclusion:
            continue  # a whole-table SELECT that none of ours justified: another path, not ours to cut
        gone = (held & former) - desired.wanted.get_columns(permission)
        if not gone:
            continue
        taken = (
            held if held.is_exclusion else gone
        )  # a wildcard is revoked whole; what stays is granted again
        yield _build_change("revoke", permission, taken, desired.former.list_intents(permission, gone))


def _list_grants(
    desired: DesiredState, observed: Observation, revokes: list[PlannedChange]
) -> Iterator[PlannedChange]:
    revoked = {change.atom: change.columns or ALL_COLUMNS for change in revokes}
    for permission in sort_permissions(desired.wanted.permissions):
        held = observed.held.get(permission, NO_COLUMNS)
        if taken := revoked.get(permission):
            held -= taken
        missing = desired.wanted.get_columns(permission) - held
        if missing and not permission.grantable:
            twin = replace(permission, grantable=True)
            columns = desired.wanted.get_columns(twin) - observed.held.get(twin, NO_COLUMNS)
            missing -= columns
        if missing:
            whole = ALL_COLUMNS if missing.is_exclusion else missing
            yield _build_change("grant", permission, whole, desired.wanted.list_intents(permission, missing))


def _build_change(
    action: str, permission: Permission, columns: ColumnSet, intents: tuple[int, ...]
) -> PlannedChange:
    partial = (
        columns if permission.verb == SELECT and permission.table and not permission.cells_filter else None
    )
    return PlannedChange(
        action, permission.granting_catalog, permission.resource, permission, partial, intents
    )


def _list_link_creations(
    result: Plan, desired: DesiredState, observed: Observation
) -> Iterator[PlannedChange]:
    for link in sorted(desired.wanted.links):
        intents = tuple(sorted(desired.wanted.links[link]))
        if link in observed.links:
            continue
        if link.resource in observed.taken_names:
            result.add_waiting(
                intents, f"{LINK_NAME_TAKEN} {link.display_name} is already taken in {link.catalog.account}"
            )
        elif not all(intent in result.waiting_reasons for intent in intents):
            yield PlannedChange("link", link.catalog, link.resource, link, None, intents)


def _list_link_database_creations(
    result: Plan, desired: DesiredState, observed: Observation
) -> Iterator[PlannedChange]:
    for database in sorted(desired.wanted.link_databases.keys() - observed.link_databases):
        intents = tuple(sorted(desired.wanted.link_databases[database]))
        if database.name in observed.taken_names:
            result.add_waiting(
                intents, f"{LINK_NAME_TAKEN} {database.name} is already taken in {database.catalog.account}"
            )
        elif not all(intent in result.waiting_reasons for intent in intents):
            yield PlannedChange("land", database.catalog, database.name, database, None, intents)


def _get_link_kind(change: PlannedChange) -> str:
    return "Table" if isinstance(change.atom, Link) and change.atom.database else "Database"


def _list_link_deletions(desired: DesiredState, observed: Observation) -> Iterator[PlannedChange]:
    for link in sorted(desired.former.links):
        if link in desired.wanted.links or link not in observed.links:
            continue
        if not _has_foreign_permissions(
            link.catalog, link.consumer_database, link.name if link.database else "", desired, observed
        ):
            intents = tuple(sorted(desired.former.links[link]))
            yield PlannedChange("unlink", link.catalog, link.resource, link, None, intents)


def _list_link_database_deletions(desired: DesiredState, observed: Observation) -> Iterator[PlannedChange]:
    """Glue deletes a database with all that lies in it, so that it goes in a round that has read it to be empty."""
    for database in sorted(observed.link_databases.intersection(desired.former.link_databases)):
        if database in desired.wanted.link_databases or not observed.is_link_database_empty(database):
            continue
        if not _has_foreign_permissions(database.catalog, database.name, "", desired, observed):
            intents = tuple(sorted(desired.former.link_databases[database]))
            yield PlannedChange("unland", database.catalog, database.name, database, None, intents)


def _has_foreign_permissions(
    place: DataCatalog, database: str, table: str, desired: DesiredState, observed: Observation
) -> bool:
    """Whether anybody holds a permission there that none of ours, ended or moved, justified."""
    on = (p for p in observed.held if (p.catalog, p.database) == (place, database))
    return any(p not in desired.former.permissions for p in on if not table or p.table == table)


def _list_acceptances(
    result: Plan, desired: DesiredState, observed: Observation, specs: dict[int, IntentSpec]
) -> Iterator[PlannedChange]:
    closed = find_unreachable_intents(desired, observed)
    for share in sorted(desired.wanted.shares):
        intents = tuple(sorted(desired.wanted.shares[share]))
        place = DataCatalog(share.receiver, share.sender.region)
        invitations = list_open_invitations(share, observed)
        for invitation in invitations:
            yield PlannedChange("accept", place, invitation.share_arn, invitation, None, intents)
        late = closed.intersection(intents)
        if not invitations:
            late |= {pk for pk in intents if observed.list_undelivered(specs[pk].access)}
        if late:
            result.add_waiting(sorted(late), get_undelivered_reason(share, desired, observed))


def _split_grants(
    grants: Iterable[PlannedChange], on_links: Collection[tuple[DataCatalog, str]]
) -> tuple[list[PlannedChange], list[PlannedChange]]:
    """Grants on what is there already, and those on links, which must be made first, or passed on by the receiver."""
    first: list[PlannedChange] = []
    second: list[PlannedChange] = []
    for change in grants:
        assert isinstance(change.atom, Permission)
        is_on_link = (change.atom.catalog, change.atom.database) in on_links
        (second if is_on_link or change.atom.passed_on_by else first).append(change)
    return first, second


def _is_on_taken_name(change: PlannedChange, waiting: dict[int, str]) -> bool:
    """Whether it is on a name that somebody else's database or table has taken."""
    assert isinstance(change.atom, Permission)
    return not change.atom.passed_on_by and _is_waiting(change, waiting)


def _get_revoke_order(change: PlannedChange) -> tuple[bool, bool]:
    """Sort key: subgrants first, then grant options, then the permissions themselves."""
    assert isinstance(change.atom, Permission)
    return not change.atom.passed_on_by, not change.atom.grantable


def _build_batches(operation: str, changes: list[PlannedChange]) -> Iterator[Step]:
    by_place: dict[DataCatalog, list[PlannedChange]] = defaultdict(list)
    for change in changes:
        by_place[change.catalog].append(change)
    for place, some in by_place.items():
        for start in range(0, len(some), MAX_BATCH_ENTRIES):
            yield Step(operation, place, tuple(some[start : start + MAX_BATCH_ENTRIES]))


def _find_surplus(desired: DesiredState, observed: Observation) -> Iterator[DriftReport]:
    """Held by a principal of ours on a table of ours, and justified by no intent, live or ended."""
    ours = {
        (one.principal, one.catalog, one.database)
        for one in (*desired.wanted.permissions, *desired.former.permissions)
    }
    for permission in sort_permissions(observed.held):
        if (permission.principal, permission.catalog, permission.database) not in ours:
            continue
        known = desired.wanted.get_columns(permission) | desired.former.get_columns(permission)
        if extra := observed.held[permission] - known:
            if permission.cells_filter:
                columns_text = describe_cells_filter(permission.cells_filter)
            else:
                columns_text = describe_columns(extra) if permission.verb == SELECT else ""
            what = describe_permission(permission.verb, permission.resource, columns_text)
            yield DriftReport("surplus", f"{what} for {permission.principal}")
