"""Verbs of the classification queue: who may, what one proposal holds, races."""

import threading
from collections.abc import Callable

import pytest
from django.db import connection

from audit.models import Event
from catalog.classification.actions import (
    accept_findings,
    build_acceptance,
    change_finding_classes,
    dismiss_findings,
    start_scans,
)
from catalog.classification.models import Finding, FindingState
from catalog.tag_changes.errors import TagEffectsChangedError
from catalog.tag_changes.models import TagChange
from identity.people.models import Person, PlatformRole
from kernel import clock
from kernel.errors import ForbiddenError, IllegalTransitionError, NotFoundError, RefusedError
from tests import factories
from tests.bank import Bank, make_bank
from tests.catalog.classification.findings import (
    declassify,
    finish_scans,
    make_detection,
    make_steward,
    record,
)
from tests.database import TestDatabase, as_role
from tests.tag_keys import store_tag_keys

pytestmark = pytest.mark.usefixtures("committed")


@pytest.fixture
def bank(committed: TestDatabase) -> Bank:
    found = make_bank()
    declassify(found.claims)
    store_tag_keys(found.catalog, {"confidentiality": ("private", "public", "sensitive")})
    return found


def find_two(bank: Bank) -> list[Finding]:
    return record(bank.claims, make_detection("amount"), make_detection("claim_id"))


def compute_hash(person: Person, findings: list[Finding]) -> str:
    return build_acceptance(person, findings).effects.digest()


def accept(person: Person, findings: list[Finding], reason: str = "They are IBANs.") -> TagChange:
    return accept_findings(
        acting_user=person, finding_ids=[one.pk for one in findings], effects_hash=compute_hash(person, findings),
        reason=reason, now=clock.now(),
    )  # fmt: skip


def test_many_findings_become_one_proposal(bank: Bank) -> None:
    findings = find_two(bank)
    change = accept(make_steward(), findings)
    assert {one["column"] for one in change.assignments} == {"amount", "claim_id"}
    assert {one["value"] for one in change.assignments} == {"sensitive"}
    assert (change.state, TagChange.objects.count()) == ("waiting", 1)
    assert set(Finding.objects.values_list("state", "tag_change")) == {("accepted", change.pk)}
    assert Event.objects.filter(verb="accept_findings", subject=f"tag_change:{change.pk}").count() == 1


def test_a_class_may_be_changed_before_it_is_accepted(bank: Bank) -> None:
    findings, ruth = find_two(bank), make_steward()
    shown = compute_hash(ruth, findings)
    ids = [one.pk for one in findings]
    change_finding_classes(acting_user=ruth, finding_ids=ids, proposed_class="private", now=clock.now())
    with pytest.raises(TagEffectsChangedError):
        accept_findings(acting_user=ruth, finding_ids=ids, effects_hash=shown, reason="x", now=clock.now())
    change = accept(ruth, list(Finding.objects.all()))
    assert {one["value"] for one in change.assignments} == {"private"}
    assert set(Finding.objects.values_list("detected_class", flat=True)) == {"sensitive"}


def test_a_refused_proposal_leaves_the_findings_open(bank: Bank) -> None:
    findings = find_two(bank)
    with pytest.raises(RefusedError):
        accept(make_steward(), findings, reason=" ")
    assert not TagChange.objects.exists()
    assert set(Finding.objects.values_list("state", flat=True)) == {FindingState.OPEN}


def test_what_was_decided_is_not_decided_again(bank: Bank) -> None:
    findings, ruth = find_two(bank), make_steward()
    dismiss_findings(acting_user=ruth, finding_ids=[findings[0].pk], reason="Keys.", now=clock.now())
    with pytest.raises(IllegalTransitionError):
        accept(ruth, findings)
    assert Finding.objects.get(pk=findings[1].pk).state == FindingState.OPEN


def list_verbs(bank: Bank) -> list[Callable[[Person], object]]:
    ids = [one.pk for one in Finding.objects.all()]
    now = clock.now()
    return [
        lambda who: start_scans(acting_user=who, table_ids=[bank.claims.pk], now=now),
        lambda who: accept_findings(acting_user=who, finding_ids=ids, effects_hash="", reason="x", now=now),
        lambda who: dismiss_findings(acting_user=who, finding_ids=ids, reason="x", now=now),
        lambda who: change_finding_classes(
            acting_user=who, finding_ids=ids, proposed_class="public", now=now
        ),
    ]


def test_for_whoever_does_not_see_them_they_do_not_exist(bank: Bank) -> None:
    find_two(bank)
    for verb in list_verbs(bank):
        for person in (bank.ana, bank.sam):
            with pytest.raises(NotFoundError):
                verb(person)


def test_an_auditor_reads_and_decides_nothing(bank: Bank) -> None:
    find_two(bank)
    auditor = factories.make_person("Aino Lind")
    with as_role("meshmarket_owner"):
        PlatformRole.objects.create(person=auditor, role=PlatformRole.Role.AUDITOR)
    for verb in list_verbs(bank):
        with pytest.raises(ForbiddenError):
            verb(auditor)


def test_data_owners_decide_on_their_own_tables(bank: Bank) -> None:
    change = accept(bank.ines, find_two(bank))
    assert change.requested_by == bank.ines


def test_one_scan_of_a_table_is_open_at_a_time(bank: Bank) -> None:
    first = start_scans(acting_user=bank.ines, table_ids=[bank.claims.pk], now=clock.now())
    assert start_scans(acting_user=make_steward(), table_ids=[bank.claims.pk], now=clock.now()) == first
    finish_scans()
    assert start_scans(acting_user=bank.ines, table_ids=[bank.claims.pk], now=clock.now()) != first


def test_two_stewards_accept_the_same_findings_once(bank: Bank) -> None:
    findings = find_two(bank)
    stewards = [make_steward("Ruth Vogel"), make_steward("Rolf Vogel")]
    outcomes: list[str] = []

    def run(person: Person) -> None:
        try:
            accept(person, findings)
            outcomes.append("done")
        except IllegalTransitionError:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[person]) for person in stewards]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(outcomes) == ["done", "refused"]
    assert TagChange.objects.count() == 1
