"""The base tables of a view, which its reader or its definer must be able to read."""

from collections.abc import Iterator
from dataclasses import replace

from django.db.models import QuerySet

from catalog.mirror.models import ResourceLink, Table
from lakeformation.explanation.access_paths import explain_column_access
from lakeformation.explanation.answers import (
    ColumnVisibility,
    EvidenceSource,
    Step,
    StepState,
    ViewText,
    parse_view_text,
)
from requests_app.permissions.explanation_facts import KnownFacts, TableFacts, build_question

MAX_DEPTH = 5
"""Views upon views that are followed; Athena itself goes no deeper than ten."""
STEP_STATES = {
    ColumnVisibility.VISIBLE: StepState.HOLDS,
    ColumnVisibility.NOT_VISIBLE: StepState.LACKS,
    ColumnVisibility.UNKNOWN: StepState.UNKNOWN,
}
STATES_WORST_FIRST = (StepState.LACKS, StepState.UNKNOWN, StepState.HOLDS)


def read_known_facts(
    table: Table, principal: str, visible: QuerySet[Table], depth: int = MAX_DEPTH
) -> KnownFacts:
    """What is known of a table and a principal; of a view with a step for each table that it reads. Tables that are not
    among the visible ones are not named.
    """
    return add_view_steps(TableFacts.read(table), principal, visible, depth)


def add_view_steps(
    seen: TableFacts, principal: str, visible: QuerySet[Table], depth: int = MAX_DEPTH
) -> KnownFacts:
    """Likewise, of what was read already."""
    known_facts = seen.get_known_facts(principal)
    if not seen.table.view:
        return known_facts
    steps = tuple(_iterate_view_steps(seen.table, principal, visible, depth))
    return replace(known_facts, facts=replace(known_facts.facts, view_steps=steps))


def _iterate_view_steps(table: Table, principal: str, visible: QuerySet[Table], depth: int) -> Iterator[Step]:
    text = parse_view_text(table.view.get("text", ""), table.database.name)
    reader = table.view.get("definer") or principal
    if text is None or depth == 0 or not reader.startswith("arn:"):
        yield Step(
            StepState.UNKNOWN,
            "what the view reads could not be determined from its SQL",
            EvidenceSource.MIRROR,
        )
        return
    for database, name in text.list_tables():
        live = Table.objects.filter(name__iexact=name, tombstoned_at=None)
        live = live.select_related("database__catalog__account")
        catalog = table.database.catalog
        link = ResourceLink.objects.filter(catalog=catalog, database="", name__iexact=database).first()
        if link:
            base = (
                live.filter(database=link.leads_to_database_id).first() if link.leads_to_database_id else None
            )
        else:
            base = live.filter(
                database__catalog=catalog, database__name__iexact=database, database__tombstoned_at=None
            ).first()
        if base is None:
            message = f"the view reads {database}.{name}, which is not in the portal's copy of the catalog"
            yield Step(StepState.UNKNOWN, message, EvidenceSource.MIRROR)
        else:
            yield _build_step(base, reader, text, visible, depth)


def _build_step(base: Table, reader: str, text: ViewText, visible: QuerySet[Table], depth: int) -> Step:
    known_facts = read_known_facts(base, reader, visible, depth - 1)
    columns = (*known_facts.facts.columns, *known_facts.facts.partition_keys)
    needed = text.list_needed_columns(columns)
    answers = [
        explain_column_access(build_question(base, reader, one), known_facts.facts)
        for one in needed or columns
    ]
    found = [STEP_STATES[answer.visibility] for answer in answers]
    # Where the text names none of the columns, as in a count of rows, any column will do.
    order = STATES_WORST_FIRST if bool(needed) else STATES_WORST_FIRST[::-1]
    state = next((state for state in order if state in found), StepState.LACKS)
    is_shown = visible.filter(pk=base.pk).exists()
    name = f"{base.database.name}.{base.name}" if is_shown else "a table that you can't see"
    can = {
        StepState.HOLDS: "which is allowed",
        StepState.LACKS: "which is not allowed",
        StepState.UNKNOWN: "and whether that is allowed is not known",
    }
    doubt = next((answer.row_doubt for answer in answers if answer.row_doubt), "")
    if doubt:
        reason = doubt if is_shown else "a row-level security policy may narrow or widen its rows"
        doubt = f"the view reads {name}: {reason}"
    message = f"the view reads {name} as {reader.rsplit('/', 1)[-1]}, {can[state]}"
    return Step(state, message, EvidenceSource.MIRROR, row_doubt=doubt)
