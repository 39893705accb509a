"""The plan of one access, played through on what was last seen: which calls a yes sets off, in order."""

from dataclasses import dataclass

from lakeformation.atoms import Permission
from lakeformation.desired import Desired, Wish, justify
from lakeformation.observation import Observation
from lakeformation.planning import Change, plan
from lakeformation.rows import Held
from lakeformation.wanted import Access
from lakeformation.wording import columns_worded, worded


@dataclass(frozen=True)
class Known:
    """What rows tell of AWS. `delivered`: the consumer's account sees the catalog's share already."""

    held: Held
    linked: bool
    delivered: bool
    registered: bool
    in_organisation: bool


@dataclass(frozen=True)
class PlannedCall:
    """One AWS call to come: in which account, and what it does."""

    account: str
    operation: str
    what: tuple[str, ...]


def rehearse(access: Access, known: Known) -> tuple[PlannedCall, ...]:
    """The calls that the workers would make for this access alone, were AWS as it was last seen."""
    wish = Wish(0, access, tuple(access.permissions()))
    goal = Desired(wanted=justify([wish]), former=justify([]), stale={})
    steps = plan(goal, _as_if_ready(access, known), [wish]).steps
    calls = [PlannedCall(s.place.account, s.operation, tuple(_words(c) for c in s.changes)) for s in steps]
    invited = access.is_shared and not known.in_organisation and not known.delivered
    if invited:
        text = f"the invitation of account {access.owner}"
        calls.insert(1, PlannedCall(access.consumer, "AcceptResourceShareInvitation", (text,)))
    return (*_registration(access, known), *calls)


def _as_if_ready(access: Access, known: Known) -> Observation:
    """The reading after which nothing waits: registered, and its share delivered."""
    location, link = access.registration, access.link
    share = f"arn:aws:ram:{access.region}:{access.owner}:resource-share/to-come"
    return Observation(
        held=known.held,
        links=frozenset({link} if link and known.linked else ()),
        locations=frozenset({location.arn} if location else ()),
        accepted=frozenset({share}),
    )


def _registration(access: Access, known: Known) -> tuple[PlannedCall, ...]:
    if known.registered or access.registration is None:
        return ()
    return (PlannedCall(access.owner, "RegisterResource", (access.location,)),)


def _words(change: Change) -> str:
    if not isinstance(change.atom, Permission):
        return change.resource
    return worded(change.atom.verb, change.resource, columns_worded(change.columns))
