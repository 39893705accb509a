"""Writes what a scan detected. Called by workers."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from catalog.classification.detection import Detection
from catalog.classification.models import FINDING_TRANSITIONS, Finding, FindingState, Scan
from catalog.mirror.models import Classification, Column, Table
from decisions.states import DecisionState

CLASS_RANKS = {"": -1, Classification.PUBLIC: 0, Classification.PRIVATE: 1, Classification.SENSITIVE: 2}


@transaction.atomic
def record_findings(
    scan: Scan, detections: Iterable[Detection], *, sampled: Iterable[str], now: datetime
) -> list[Finding]:
    """One open finding for each column at most; returns those that are new.

    `sampled` are the columns of which values were read: without them, an earlier finding on values stays as it was.
    """
    Table.objects.select_for_update(no_key=True).get(pk=scan.table_id)
    columns = {one.name: one for one in Column.objects.filter(table=scan.table_id)}
    detected, read = {detection.column: detection for detection in detections}, frozenset(sampled)
    rows = Finding.objects.select_for_update(of=("self",)).filter(table=scan.table_id)
    open_rows = {one.column: one for one in rows.filter(state=FindingState.OPEN)}
    for name, row in open_rows.items():
        if _is_outdated(row, columns.get(name), detected.get(name), was_read=name in read):
            row.state = FINDING_TRANSITIONS.check(row.state, FindingState.SUPERSEDED)
            row.closed_at = now
            row.save(update_fields=["state", "closed_at"])
    # (column, type, kind) of what people have decided: dismissed, rejected by an owner, or on its way.
    settled_rows = Finding.objects.filter(
        Q(state=FindingState.DISMISSED)
        | (Q(state=FindingState.ACCEPTED) & ~Q(tag_change__state=DecisionState.WITHDRAWN)),
        table=scan.table_id,
    )
    settled = dict.fromkeys(settled_rows.values_list("column", "column_type", "kind"), True)
    made = []
    for name, one in detected.items():
        column = columns.get(name)
        if column is None or not _is_news(one, column, settled):
            continue
        earlier = open_rows.get(name)
        if earlier is not None and earlier.state == FindingState.OPEN:
            is_sampled = name in read
            if not earlier.is_sampled or is_sampled:
                earlier.score, earlier.evidence = one.score, [asdict(line) for line in one.evidence]
                earlier.scan, earlier.is_sampled = scan, is_sampled
                earlier.save(update_fields=["score", "evidence", "scan", "is_sampled"])
        else:
            made.append(_create(scan, column, one, is_sampled=name in read, now=now))
    return made


def _is_outdated(row: Finding, column: Column | None, detection: Detection | None, *, was_read: bool) -> bool:
    """The column is gone, has another type or a class as strict, or values were read and show another kind or none."""
    if column is None or column.type != row.column_type:
        return True
    if CLASS_RANKS[column.classification] >= CLASS_RANKS[row.detected_class]:
        return True
    is_other = detection is None or detection.kind.value != row.kind
    return is_other and (was_read or not row.is_sampled)


def _is_news(detection: Detection, column: Column, settled: Mapping[tuple[str, str, str], bool]) -> bool:
    if (column.name, column.type, detection.kind.value) in settled:
        return False
    return CLASS_RANKS[detection.proposed_class] > CLASS_RANKS[column.classification]


def _create(scan: Scan, column: Column, detection: Detection, *, is_sampled: bool, now: datetime) -> Finding:
    return Finding.objects.create(
        table_id=scan.table_id,
        column=column.name,
        column_type=column.type,
        kind=detection.kind.value,
        detected_class=detection.proposed_class,
        proposed_class=detection.proposed_class,
        score=detection.score,
        evidence=[asdict(line) for line in detection.evidence],
        is_sampled=is_sampled,
        scan=scan,
        found_at=now,
    )
