"""The records of the administration by what people do with them: those that they edit by task, all others behind *All records*."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

TASKS: Sequence[tuple[str | Promise, frozenset[str]]] = (
    (_("People, teams and roles"), frozenset({"Person", "Team", "Membership", "PlatformRole", "Group"})),
    (
        _("Accounts and catalogs"),
        frozenset({"Account", "ConnectedCatalog", "Principal", "Trail", "SamplingRole", "AccountConnection"}),
    ),
    (_("Domains and data products"), frozenset({"Domain", "DataProduct", "ProductTable"})),
    (_("Workers and writes to AWS"), frozenset({"Valve", "Hold", "Scope", "TaskFailure"})),
    (_("Search, usage and cost"), frozenset({"RankingWeights", "ScanPrice"})),
)
"""Names of models by task, in the order of how often people come for it."""


@dataclass(frozen=True)
class TaskGroup:
    """Models as in the list of Django's index."""

    name: str | Promise
    models: Sequence[Mapping[str, Any]]


def group_by_task(app_list: Iterable[Mapping[str, Any]]) -> list[TaskGroup]:
    """What the person may add, change or delete."""
    editable = [model for app in app_list for model in app["models"] if not model["view_only"]]
    known = frozenset(name for _label, names in TASKS for name in names)
    groups = [
        TaskGroup(name, [model for model in editable if model["object_name"] in names])
        for name, names in TASKS
    ]
    others = TaskGroup(
        _("Other settings"), [model for model in editable if model["object_name"] not in known]
    )
    return [group for group in (*groups, others) if group.models]
