"""Which opt-ins wishes need, by the modes in which the data's locations are now: not as they were when a yes was said.

An opt-in gives nothing. It makes Lake Formation decide for one principal on one table (AWS, "hybrid access mode"), and that
it decides is what every yes rests on: so a mode that was not known then, or was changed since, asks for no other yes.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from lakeformation.access.access import Access
from lakeformation.observation.reading import Observation
from lakeformation.planning.desired import Wish


def in_observed_mode(wishes: Iterable[Wish], observed: Observation, *, now: datetime) -> list[Wish]:
    """The wishes of a share scope, those with their opt-in whose data are seen in hybrid access mode; and every ended one,
    whose location may have left that mode after it was opted in.
    """
    every = list(wishes)
    if not (observed.hybrid or observed.opt_ins):
        return every
    return [
        replace(wish, access=replace(wish.access, in_hybrid_mode=True))
        if is_opted_in_by_name(wish.access) and (not wish.is_live(now) or observed.is_hybrid(wish.access))
        else wish
        for wish in every
    ]


def is_opted_in_by_name(access: Access) -> bool:
    """Whether it is of one table for one role or user: of what reaches many, each table would have to be opted in to, and
    of an envelope each reader.
    """
    return not (access.is_envelope or access.envelope or access.reaches_many)
