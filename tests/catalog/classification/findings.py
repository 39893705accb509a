"""Scans and findings as workers would record them."""

from collections.abc import Sequence

from catalog.classification.detection import Detection, Evidence
from catalog.classification.kinds import PROPOSED_CLASSES, DetectedKind
from catalog.classification.models import Finding, Scan, ScanState
from catalog.classification.recording import record_findings
from catalog.mirror.models import Table
from identity.people.models import Person, PlatformRole
from kernel import clock
from tests import factories
from tests.database import as_role


def make_detection(column: str, kind: DetectedKind = DetectedKind.IBAN, valid: int = 97) -> Detection:
    evidence = (Evidence(kind.value, valid, 100),)
    return Detection(column, kind, PROPOSED_CLASSES[kind], 0.9, evidence)


def record(table: Table, *detections: Detection, sampled: Sequence[str] | None = None) -> list[Finding]:
    """As a scan that has read values of all detected columns, unless told."""
    now = clock.now()
    read = [one.column for one in detections] if sampled is None else sampled
    with as_role("meshmarket_worker"):
        scan = Scan.objects.create(table=table, state=ScanState.DONE, requested_at=now, finished_at=now)
        return record_findings(scan, detections, sampled=read, now=now)


def finish_scans() -> None:
    with as_role("meshmarket_worker"):
        Scan.objects.update(state=ScanState.DONE, finished_at=clock.now())


def make_steward(name: str = "Ruth Vogel") -> Person:
    person = factories.make_person(name)
    with as_role("meshmarket_owner"):
        PlatformRole.objects.create(person=person, role=PlatformRole.Role.STEWARD)
    return person


def declassify(table: Table) -> None:
    table.columns.update(classification="", tags={})


def make_sample_findings(table: Table) -> dict[str, int]:
    """One that is open, with its scan."""
    (finding,) = record(table, make_detection("amount"))
    return {"finding": finding.pk, "scan": finding.scan_id}
