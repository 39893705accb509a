"""Who uses whose data, as a heat map."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import datetime
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from identity.people.models import Person
from portal.mesh.tables import (
    ColumnKind,
    HeatCell,
    HeatMap,
    ReportColumn,
    ReportRow,
    ReportTable,
    SectionContent,
)
from requests_app.mesh.use_between_domains import UseCell, count_use_between_domains

MAX_SIDE = 20
LEVELS = 5


def build_use_section(person: Person, now: datetime) -> SectionContent:
    """Two queries."""
    cells = count_use_between_domains(person, now)
    columns = [
        ReportColumn("user", _("Used by")),
        ReportColumn("owner", _("Data of")),
        ReportColumn("grants", _("Live grants"), ColumnKind.COUNT),
        ReportColumn("tables", _("Tables"), ColumnKind.COUNT),
    ]
    rows = [
        ReportRow(
            {"user": cell.user, "owner": get_owner_name(cell), "grants": cell.grants, "tables": cell.tables},
            {"grants": build_grants_url(cell)},
        )
        for cell in cells
    ]
    source = _(
        "Counted from the live grants that you may see: your own, your teams' and those on data of your domains. A team that"
        " answers for domains is named by them."
    )
    empty = _("You see no live grant.")
    use_table = ReportTable("use", _("Who uses whose data"), source, columns, rows, empty=empty)
    return SectionContent([use_table], heat_map=build_heat_map(cells) if cells else None)


def build_grants_url(cell: UseCell) -> str:
    owner = "" if cell.owner is None else f"{cell.owner}"
    return f"{reverse('mesh-use-grants')}?{urlencode({'team': cell.team, 'domain': owner})}"


def get_owner_name(cell: UseCell) -> str:
    return cell.owner_name or _("no domain")


def build_heat_map(cells: Sequence[UseCell]) -> HeatMap:
    """Keeps the cells with most grants, on each side."""
    users, owners = Counter[tuple[int, str]](), Counter[str]()
    for cell in cells:
        users[cell.team, cell.user] += cell.grants
        owners[get_owner_name(cell)] += cell.grants
    columns = sorted(name for name, _count in owners.most_common(MAX_SIDE))
    by_user: dict[tuple[int, str], dict[str, UseCell]] = defaultdict(dict)
    for cell in cells:
        by_user[cell.team, cell.user][get_owner_name(cell)] = cell
    most = max(cell.grants for cell in cells)
    rows = [
        (user[1], [_build_heat_cell(by_user[user].get(name), user[1], name, most) for name in columns])
        for user in sorted((one for one, _count in users.most_common(MAX_SIDE)), key=lambda one: one[1])
    ]
    total = sum(cell.grants for cell in cells)
    summary = ngettext("%(n)s live grant.", "%(n)s live grants.", total) % {"n": total}
    return HeatMap(_("Who uses whose data"), summary, columns, rows)


def _build_heat_cell(cell: UseCell | None, user: str, owner: str, most: int) -> HeatCell:
    if cell is None:
        return HeatCell("", 0, "", "")
    words = {"n": cell.grants, "user": user, "owner": owner}
    label = ngettext(
        "%(n)s grant of %(user)s on data of %(owner)s",
        "%(n)s grants of %(user)s on data of %(owner)s",
        cell.grants,
    )
    return HeatCell(f"{cell.grants}", -(-cell.grants * LEVELS // most), build_grants_url(cell), label % words)
