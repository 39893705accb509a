"""The ordered calls that lead from what is observed to what is desired."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from itertools import chain

from lakeformation.observation.reading import UNREGISTERED, Observation
from lakeformation.planning.changes import BATCH, Change, Drift, Plan, Step
from lakeformation.planning.desired import Desired, Wish, on_table, selections
from lakeformation.planning.invitations import closed_to_invite_anew, expected, not_delivered, unreached
from lakeformation.values.column_sets import EVERY, NONE, ColumnSet
from lakeformation.values.permissions import DESCRIBE, SELECT, Permission, Place, in_order
from lakeformation.values.resource_links import Link, Share
from lakeformation.values.wording import cells_worded, columns_worded, worded


def plan(desired: Desired, observed: Observation, wishes: Iterable[Wish]) -> Plan:
    """Removals first, then grants and opt-ins, invitations and links, then grants on links and what is passed on.

    Of removals, what an account passed on goes before what it was given.
    """
    result = Plan()
    by_intent = {wish.intent: wish for wish in wishes}
    _wait_for_locations(result, desired, observed, by_intent)
    _wait_for_filters(result, desired, observed)
    _wait_for_selects(result, desired, observed)
    _wait_for_envelopes(result, desired, observed)
    revokes = sorted(_all_revokes(desired, observed), key=_unwinding)
    grants = [c for c in _grants(desired, observed, revokes) if not _all_wait(c, result.waiting)]
    needed = _needed_yet(desired, observed, grants)
    revokes = [c for c in revokes if c.atom not in needed]
    links = [*_landings(result, desired, observed), *_links(result, desired, observed)]
    on_links = {(link.place, link.lands_in) for link in desired.wanted.links}
    first, second = _parted(grants, on_links)
    second = [c for c in second if not _is_elsewhere(c, result.waiting)]
    result.steps += _batches("BatchRevokePermissions", revokes)
    result.steps += [Step("DeleteLakeFormationOptIn", c.place, (c,)) for c in _opt_outs(desired, observed)]
    unlinks = [*_unlinks(desired, observed), *_unlandings(desired, observed)]
    result.steps += [Step(f"Delete{_kind(c)}", c.place, (c,)) for c in unlinks]
    result.steps += _batches("BatchGrantPermissions", first)
    opt_ins = [c for c in _opt_ins(desired, observed) if not _all_wait(c, result.waiting)]
    result.steps += [Step("CreateLakeFormationOptIn", c.place, (c,)) for c in opt_ins]
    result.steps += [
        Step("AcceptResourceShareInvitation", c.place, (c,)) for c in _accepts(result, desired, observed)
    ]
    result.steps += [Step(f"Create{_kind(c)}", c.place, (c,)) for c in links]
    result.steps += _batches("BatchGrantPermissions", second)
    result.surplus = list(_surplus(desired, observed))
    return result


def _wait_for_locations(
    result: Plan, desired: Desired, observed: Observation, wishes: dict[int, Wish]
) -> None:
    for intent in sorted({i for parts in desired.wanted.permissions.values() for i in parts}):
        access = wishes[intent].access
        if lacking := observed.unregistered(access):
            where = access.location or _uri(lacking[0])
            result.waiting[intent] = f"{where} {UNREGISTERED}"


def _uri(arn: str) -> str:
    return f"s3://{arn.removeprefix('arn:aws:s3:::')}"


def _wait_for_filters(result: Plan, desired: Desired, observed: Observation) -> None:
    for wanted, intents in desired.wanted.filters.items():
        if lack := observed.lack_of_filter(wanted):
            result.wait(sorted(intents), f"{lack}; it is created first")
            result.spoilt |= dict.fromkeys(intents, lack)


def _wait_for_selects(result: Plan, desired: Desired, observed: Observation) -> None:
    """DESCRIBE that comes with a SELECT is there as soon as the SELECT is, or as long as it is held itself."""
    selected = selections(observed.held) if desired.implied else ()
    for describe, intents in desired.implied.items():
        if on_table(describe) not in selected and describe not in observed.held:
            result.wait(
                intents, f"waits for the SELECT on {describe.database}.{describe.table} that gives it"
            )


def _wait_for_envelopes(result: Plan, desired: Desired, observed: Observation) -> None:
    """An account passes on only what has reached it with the grant option."""
    for permission, parts in desired.wanted.permissions.items():
        if not permission.through:
            continue
        envelope = replace(permission, principal=permission.through, grantable=True, through="")
        lacks = desired.wanted.columns(permission) - observed.held.get(envelope, NONE)
        if lacks or not observed.is_delivered(Share(permission.place, permission.through)):
            where = f"{permission.database}.{permission.table}".rstrip(".")
            result.wait(parts, f"waiting until {permission.through} can pass on its permissions on {where}")


def _all_revokes(desired: Desired, observed: Observation) -> list[Change]:
    """What goes whole, for a new invitation, goes once."""
    whole = [_change("revoke", *one) for one in closed_to_invite_anew(desired, observed)]
    taken = {change.atom for change in whole}
    others = [*_revokes(desired, observed), *_revokes_of_changed(desired, observed)]
    return [*whole, *(change for change in others if change.atom not in taken)]


def _revokes_of_changed(desired: Desired, observed: Observation) -> Iterator[Change]:
    """What is held on a filter that no longer is what was approved: closed before it is made anew."""
    for permission in in_order(desired.wanted.permissions):
        found = observed.filters.get((permission.database, permission.table, permission.cells_filter))
        if found and found not in desired.wanted.filters and permission in observed.held:
            intents = desired.wanted.intents(permission, EVERY)
            yield _change("revoke", permission, EVERY, intents)


def _needed_yet(desired: Desired, observed: Observation, grants: Iterable[Change]) -> set[Permission]:
    """DESCRIBE that live intents want while the SELECT that shall give it has to wait."""
    given = (one.atom for one in grants if isinstance(one.atom, Permission))
    selected = selections(chain(given, observed.held)) if desired.implied else ()
    return {one for one in desired.implied if on_table(one) not in selected}


def replaced(todo: Plan, desired: Desired, observed: Observation) -> set[int]:
    """Live intents whose DESCRIBE is taken away before the SELECT that shall give it is granted: AWS's documents
    forbid the one beside the other. In between they have nothing.
    """
    selected = selections(observed.held)
    changes = (change for step in todo.steps for change in step.changes if change.action == "revoke")
    return {
        intent
        for change in changes
        if isinstance(change.atom, Permission) and on_table(change.atom) not in selected
        for intent in desired.implied.get(change.atom, ())
    }


def _opt_ins(desired: Desired, observed: Observation) -> Iterator[Change]:
    for one in sorted(desired.wanted.opt_ins):
        if one not in observed.opt_ins:
            intents = tuple(sorted(desired.wanted.opt_ins[one]))
            yield Change("opt in", one.place, one.resource, one, None, intents)


def _opt_outs(desired: Desired, observed: Observation) -> Iterator[Change]:
    """What nothing justifies any more, unless a permission relies on it: one of somebody else's making, or an adopted one.
    To see the metadata nobody is opted in.
    """
    seeing = {p for p in desired.wanted.permissions if p.verb == DESCRIBE}
    for one in sorted(desired.former.opt_ins):
        if one in desired.wanted.opt_ins or one not in observed.opt_ins:
            continue
        place = one.place, one.principal, one.database, one.table
        mine = {p for p in observed.held if (p.place, p.principal, p.database, p.table) == place}
        if not mine - desired.former.permissions.keys() - seeing:
            intents = tuple(sorted(desired.former.opt_ins[one]))
            yield Change("opt out", one.place, one.resource, one, None, intents)


def _all_wait(change: Change, waiting: dict[int, str]) -> bool:
    return all(intent in waiting for intent in change.intents)


def _revokes(desired: Desired, observed: Observation) -> Iterator[Change]:
    for permission in in_order(desired.former.permissions):
        held = observed.held.get(permission)
        if held is None:
            continue
        former = desired.former.columns(permission)
        if held.but and not former.but:
            continue  # a whole-table SELECT that none of ours justified: another path, not ours to cut
        gone = (held & former) - desired.wanted.columns(permission)
        if not gone:
            continue
        taken = held if held.but else gone  # a wildcard is revoked whole; what stays is granted again
        yield _change("revoke", permission, taken, desired.former.intents(permission, gone))


def _grants(desired: Desired, observed: Observation, revokes: list[Change]) -> Iterator[Change]:
    revoked = {change.atom: change.columns or EVERY for change in revokes}
    for permission in in_order(desired.wanted.permissions):
        held = observed.held.get(permission, NONE)
        if taken := revoked.get(permission):
            held -= taken
        missing = desired.wanted.columns(permission) - held
        if missing and not permission.grantable:
            missing -= _comes_with_option(desired, observed, permission)
        if missing:
            whole = EVERY if missing.but else missing
            yield _change("grant", permission, whole, desired.wanted.intents(permission, missing))


def _comes_with_option(desired: Desired, observed: Observation, permission: Permission) -> ColumnSet:
    """Columns of a permission that are granted in one with the option to pass them on."""
    twin = replace(permission, grantable=True)
    return desired.wanted.columns(twin) - observed.held.get(twin, NONE)


def _change(action: str, permission: Permission, columns: ColumnSet, intents: tuple[int, ...]) -> Change:
    partial = (
        columns if permission.verb == SELECT and permission.table and not permission.cells_filter else None
    )
    return Change(action, permission.grantor, permission.resource, permission, partial, intents)


def _links(result: Plan, desired: Desired, observed: Observation) -> Iterator[Change]:
    for link in sorted(desired.wanted.links):
        intents = tuple(sorted(desired.wanted.links[link]))
        if link in observed.links:
            continue
        if link.resource in observed.link_names:
            result.wait(intents, f"the name {link.path} is already taken in {link.place.account}")
        elif not all(intent in result.waiting for intent in intents):
            yield Change("link", link.place, link.resource, link, None, intents)


def _landings(result: Plan, desired: Desired, observed: Observation) -> Iterator[Change]:
    for one in sorted(desired.wanted.landing_databases.keys() - observed.landing_databases):
        intents = tuple(sorted(desired.wanted.landing_databases[one]))
        if one.name in observed.link_names:
            result.wait(intents, f"the name {one.name} is already taken in {one.place.account}")
        elif not all(intent in result.waiting for intent in intents):
            yield Change("land", one.place, one.name, one, None, intents)


def _kind(change: Change) -> str:
    return "Table" if isinstance(change.atom, Link) and change.atom.database else "Database"


def _unlinks(desired: Desired, observed: Observation) -> Iterator[Change]:
    for link in sorted(desired.former.links):
        if link in desired.wanted.links or link not in observed.links:
            continue
        if not _others_on(link.place, link.lands_in, link.name if link.database else "", desired, observed):
            intents = tuple(sorted(desired.former.links[link]))
            yield Change("unlink", link.place, link.resource, link, None, intents)


def _unlandings(desired: Desired, observed: Observation) -> Iterator[Change]:
    """Glue deletes a database with all that lies in it, so that it goes in a round that has read it to be empty."""
    for one in sorted(observed.landing_databases.intersection(desired.former.landing_databases)):
        if one in desired.wanted.landing_databases or not observed.is_empty(one):
            continue
        if not _others_on(one.place, one.name, "", desired, observed):
            intents = tuple(sorted(desired.former.landing_databases[one]))
            yield Change("unland", one.place, one.name, one, None, intents)


def _others_on(place: Place, database: str, table: str, desired: Desired, observed: Observation) -> bool:
    """Whether anybody holds a permission there that none of ours, ended or moved, justified."""
    on = (p for p in observed.held if (p.place, p.database) == (place, database))
    return any(p not in desired.former.permissions for p in on if not table or p.table == table)


def _accepts(result: Plan, desired: Desired, observed: Observation) -> Iterator[Change]:
    closed = unreached(desired, observed)
    for share in sorted(desired.wanted.shares):
        intents = tuple(sorted(desired.wanted.shares[share]))
        place = Place(share.receiver, share.sender.region)
        found = expected(share, observed)
        for one in found:
            yield Change("accept", place, one.share_arn, one, None, intents)
        late = intents if not found and not observed.is_delivered(share) else closed.intersection(intents)
        if late:
            result.wait(sorted(late), not_delivered(share, desired, observed))


def _parted(
    grants: Iterable[Change], on_links: Collection[tuple[Place, str]]
) -> tuple[list[Change], list[Change]]:
    """Grants on what is there already, and those on links, which must be made first, or passed on by the receiver."""
    first: list[Change] = []
    second: list[Change] = []
    for change in grants:
        assert isinstance(change.atom, Permission)
        is_on_link = (change.atom.place, change.atom.database) in on_links
        (second if is_on_link or change.atom.through else first).append(change)
    return first, second


def _is_elsewhere(change: Change, waiting: dict[int, str]) -> bool:
    """Whether it is on a name that is taken: somebody else's thing, on which nothing is given."""
    assert isinstance(change.atom, Permission)
    return not change.atom.through and _all_wait(change, waiting)


def _unwinding(change: Change) -> tuple[bool, bool]:
    """Sorts what was passed on first, then options to pass on, then what these were on."""
    assert isinstance(change.atom, Permission)
    return not change.atom.through, not change.atom.grantable


def _batches(operation: str, changes: list[Change]) -> Iterator[Step]:
    by_place: dict[Place, list[Change]] = defaultdict(list)
    for change in changes:
        by_place[change.place].append(change)
    for place, some in by_place.items():
        for start in range(0, len(some), BATCH):
            yield Step(operation, place, tuple(some[start : start + BATCH]))


def _surplus(desired: Desired, observed: Observation) -> Iterator[Drift]:
    """Held by a principal of ours on a table of ours, and justified by no intent, live or ended."""
    ours = {
        (one.principal, one.place, one.database)
        for one in (*desired.wanted.permissions, *desired.former.permissions)
    }
    for permission in in_order(observed.held):
        if (permission.principal, permission.place, permission.database) not in ours:
            continue
        known = desired.wanted.columns(permission) | desired.former.columns(permission)
        if extra := observed.held[permission] - known:
            what = worded(permission.verb, permission.resource, _which(permission, extra))
            yield Drift("surplus", f"{what} for {permission.principal}")


def _which(permission: Permission, columns: ColumnSet) -> str:
    if permission.cells_filter:
        return cells_worded(permission.cells_filter)
    return columns_worded(columns) if permission.verb == SELECT else ""
