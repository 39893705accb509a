"""From an approved write request to what its role can do in AWS, until it ends; nobody else gains anything."""

from datetime import timedelta

from decisions.actions import end_proposal
from fulfilment.rounds import Step
from identity.accounts import Principal
from kernel import clock
from requests_app.write_access.kind import WRITE_REQUEST
from requests_app.write_access.models import WriteRequest
from requests_app.write_access.queries import get_problem, get_status, get_write_request
from requests_app.write_access.states import WriteRequestStatus
from tests.database import as_role
from tests.registrations import make_engineer_person
from tests.workers.aws_setup import make_principal
from tests.workers.engine_rounds import run_rounds_until
from tests.workers.producer import Producer
from tests.write_access import approve_writing, ask_to_write


def request_writing(
    producer: Producer, verbs: list[str], lasts: timedelta = timedelta(days=3)
) -> WriteRequest:
    """Asked by a developer for a role of the producer's, approved by the data owner; nothing is in AWS yet."""
    mesh = producer.mesh
    person = make_engineer_person(producer.domain)
    role = mesh.roles[producer.account]
    row = ask_to_write(person, mesh.table, role, verbs=verbs, ends_at=clock.now() + lasts)
    return approve_writing(mesh.owner, row)


def run_until(producer: Producer, row: WriteRequest, status: WriteRequestStatus) -> None:
    def read() -> WriteRequest:
        return get_write_request(producer.mesh.owner, row.pk)

    run_rounds_until(lambda: get_status(read(), clock.now()) == status, seconds=40)
    assert get_status(read(), clock.now()) == status, get_problem(read())


def list_verbs(producer: Producer) -> dict[str, set[str]]:
    """Verbs by principal on the mesh's own table."""
    rows = producer.mesh.governance_client().list_permissions()["PrincipalResourcePermissions"]
    found: dict[str, set[str]] = {}
    for row in rows:
        table = row["Resource"].get("Table", {})
        if (table.get("DatabaseName"), table.get("Name")) == (
            producer.mesh.database,
            producer.mesh.table.name,
        ):
            found.setdefault(row["Principal"]["DataLakePrincipalIdentifier"], set()).update(
                row["Permissions"]
            )
    return found


def test_the_role_gets_the_approved_verbs_and_loses_them_when_it_ends(producer: Producer) -> None:
    before = list_verbs(producer)
    row = request_writing(producer, ["INSERT", "DELETE"])
    assert list_verbs(producer) == before
    run_until(producer, row, WriteRequestStatus.ACTIVE)
    role = producer.mesh.roles[producer.account].arn
    assert list_verbs(producer) == before | {role: {"DELETE", "DESCRIBE", "INSERT"}}
    with as_role("meshmarket_web"):
        end_proposal(
            kind=WRITE_REQUEST,
            acting_user=producer.mesh.owner,
            pk=row.pk,
            reason="The load moved.",
            now=clock.now(),
        )
    run_until(producer, row, WriteRequestStatus.ENDED)
    assert list_verbs(producer) == before


def test_it_ends_by_itself_at_its_end(producer: Producer) -> None:
    before = list_verbs(producer)
    row = request_writing(producer, ["INSERT"])
    run_until(producer, row, WriteRequestStatus.ACTIVE)
    with as_role("meshmarket_owner"):
        clock.advance(timedelta(days=3))
    run_until(producer, row, WriteRequestStatus.ENDED)
    assert list_verbs(producer) == before


def test_a_scan_that_finds_all_as_approved_writes_nothing(producer: Producer) -> None:
    row = request_writing(producer, ["ALTER"])
    run_until(producer, row, WriteRequestStatus.ACTIVE)
    since = producer.mesh.get_last_call()
    producer.mesh.run_rounds(6)
    assert producer.mesh.list_writes(since) == []


def test_a_verb_that_was_revoked_outside_is_granted_again(producer: Producer) -> None:
    row = request_writing(producer, ["INSERT"])
    run_until(producer, row, WriteRequestStatus.ACTIVE)
    arn = producer.mesh.roles[producer.account].arn
    producer.mesh.governance_client().revoke_permissions(
        Principal={"DataLakePrincipalIdentifier": arn},
        Resource={"Table": {"DatabaseName": producer.mesh.database, "Name": producer.mesh.table.name}},
        Permissions=["INSERT"],
    )
    run_rounds_until(lambda: "INSERT" in list_verbs(producer).get(arn, set()), seconds=40)
    assert Step.objects.filter(sent_at__isnull=False, operation="BatchGrantPermissions").count() > 1


def test_two_roles_of_the_same_producer_hold_their_own(producer: Producer) -> None:
    first = request_writing(producer, ["INSERT"])
    account = producer.mesh.roles[producer.account].account
    other: Principal = make_principal(producer.mesh.cloud, account, f"second-{first.pk}")
    person = first.requested_by
    second = approve_writing(
        producer.mesh.owner, ask_to_write(person, producer.mesh.table, other, verbs=["DELETE"])
    )
    for row in (first, second):
        run_until(producer, row, WriteRequestStatus.ACTIVE)
    with as_role("meshmarket_web"):
        end_proposal(
            kind=WRITE_REQUEST,
            acting_user=producer.mesh.owner,
            pk=first.pk,
            reason="Done.",
            now=clock.now(),
        )
    run_until(producer, first, WriteRequestStatus.ENDED)
    held = list_verbs(producer)
    assert first.principal.arn not in held
    assert held[other.arn] == {"DELETE", "DESCRIBE"}
