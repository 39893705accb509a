"""What differs between two published versions of a data product: its tables and columns, what it promises, and its texts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.products.fields import Section, list_section
from catalog.products.may import visible_products
from catalog.revisions.models import ProductRevision
from catalog.revisions.versions import ContractChange, compare_contracts, parse_schemas
from identity.people.models import Person
from portal.products.changes import describe_contract_change
from portal.products.content_changes import ShownChange, build_changes

MAX_VERSIONS = 50
ADDED, REMOVED, CHANGED = "added", "removed", "changed"
KINDS = {
    "table_added": ADDED,
    "column_added": ADDED,
    "table_removed": REMOVED,
    "column_removed": REMOVED,
    "type_changed": CHANGED,
    "type_widened": CHANGED,
}
KIND_LABELS = {
    ADDED: gettext_lazy("Added"),
    REMOVED: gettext_lazy("Removed"),
    CHANGED: gettext_lazy("Changed"),
}


@dataclass(frozen=True)
class ComparableVersion:
    """`number` is that of the revision, because versions from before there were numbers have none."""

    number: int
    label: str


@dataclass(frozen=True)
class VersionComparison:
    """`columns` are labels and sentences. `unknown` says why columns cannot be compared. Without `is_chosen`, nothing was compared."""

    versions: Sequence[ComparableVersion]
    older: ComparableVersion
    newer: ComparableVersion
    is_chosen: bool
    columns: Sequence[tuple[str, Sequence[str]]]
    is_breaking: bool
    unknown: str
    promises: Sequence[ShownChange]
    texts: Sequence[ShownChange]

    @property
    def is_same(self) -> bool:
        return not (self.columns or self.unknown or self.promises or self.texts)


def build_version_comparison(
    person: Person, revisions: QuerySet[ProductRevision], parameters: Mapping[str, str]
) -> VersionComparison | None:
    """Of the versions `from` and `to`, else of the newest and the one before. None with fewer than two. Four queries at most."""
    rows = {str(revision.number): revision for revision in revisions[:MAX_VERSIONS]}
    if len(rows) < 2:  # noqa: PLR2004 - two sides
        return None
    numbers = list(rows)
    after = rows.get(parameters.get("to", ""), rows[numbers[0]])
    before = rows.get(parameters.get("from", ""), rows[numbers[1]])
    # The older one first, however they were chosen.
    before, after = sorted([before, after], key=lambda revision: revision.number)
    is_chosen = "from" in parameters or "to" in parameters
    versions = {
        revision.number: ComparableVersion(
            revision.number,
            _("%(version)s, %(day)s")
            % {
                "version": revision.version or _("Revision %(n)s") % {"n": revision.number},
                "day": date_format(localtime(revision.published_at), _("j M Y")),
            },
        )
        for revision in rows.values()
    }
    changes: Sequence[ContractChange] = ()
    fields: Sequence[ShownChange] = ()
    unknown = ""
    if is_chosen:
        old, new = before.content, after.content
        if before.schemas and after.schemas:
            schemas = parse_schemas(before.schemas), parse_schemas(after.schemas)
            changes = compare_contracts(*schemas, (), ())
        elif before.number != after.number:
            unknown = _("The columns of one of the versions were not recorded, so columns are not compared.")
        # Products that the person may not see are not named.
        inputs = {*old.get("inputs", ()), *new.get("inputs", ())}
        seen = (
            {*visible_products(person).filter(pk__in=inputs).values_list("pk", flat=True)} if inputs else {}
        )
        sides = [
            {**side, "inputs": [pk for pk in side.get("inputs", ()) if pk in seen]} for side in (old, new)
        ]
        fields = [change for change in build_changes(*sides) if change.field != "tables"]
    levels = {level.name for level in list_section(Section.DATA_LEVELS, Section.SUPPORT_LEVELS)}
    return VersionComparison(
        versions=list(versions.values()),
        older=versions[before.number],
        newer=versions[after.number],
        is_chosen=is_chosen,
        columns=[
            (str(label), texts)
            for kind, label in KIND_LABELS.items()
            if (
                texts := [
                    describe_contract_change(change) for change in changes if KINDS.get(change.what) == kind
                ]
            )
        ],
        is_breaking=any(change.is_breaking for change in changes),
        unknown=unknown,
        promises=[change for change in fields if change.field in levels],
        texts=[change for change in fields if change.field not in levels],
    )
