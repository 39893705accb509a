"""Opt-ins by the current mode of the data locations, not by the mode at approval.

An opt-in gives nothing. It makes Lake Formation decide for one principal on one table (AWS, "hybrid access mode"), and that
it decides is what every approval assumes. So a mode that became known or changed later needs no new approval.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import TypeGuard

from lakeformation.access.access import Access
from lakeformation.access.table_access import TableAccess
from lakeformation.observation.reading import Observation
from lakeformation.planning.desired import IntentSpec


def apply_observed_mode(
    specs: Iterable[IntentSpec], observed: Observation, *, now: datetime
) -> list[IntentSpec]:
    """The intents of a share scope, with an opt-in where the data are seen in hybrid access mode or the
    intent ended: its location may have left that mode after the opt-in.
    """
    every = list(specs)
    if not (observed.hybrid_locations or observed.opt_ins):
        return every
    return [
        replace(wish, access=replace(access, in_hybrid_mode=True))
        if needs_opt_in(access := wish.access) and (not wish.is_live(now) or observed.is_hybrid(access))
        else wish
        for wish in every
    ]


def needs_opt_in(access: Access) -> TypeGuard[TableAccess]:
    """Whether it is of one table for one role or user: of what reaches many, each table would have to be opted in to, and
    of an account grant each reader.
    """
    return isinstance(access, TableAccess) and not (access.is_account_grant or access.account_grant)
