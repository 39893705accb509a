"""The inbox names what else waits for a person: registrations, schema updates, write access, tag changes."""

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from catalog.glossary.proposal_actions import propose_term
from identity.departures import Duty
from identity.people.models import Membership, Person, PlatformRole
from kernel import clock
from portal.inbox.other_decisions import count_decisions, list_other_decisions
from requests_app.break_glass.actions import end_break_glass_session
from requests_app.leavers.duties import describe_waiting
from tests import factories
from tests.bank import Bank
from tests.catalog.classification.findings import declassify, make_detection, make_steward, record
from tests.glossary import build_term_content
from tests.html import list_inbox_rows
from tests.portal.conftest import make_client
from tests.registrations import ask, build_content, make_producer
from tests.requests_app.break_glass.test_break_glass import BreakGlassSetup
from tests.role_changes import data_owner_change, make_governor, propose_change
from tests.write_access import approve_writing, ask_to_write


def test_each_kind_is_counted_for_those_who_decide_on_it(bank: Bank) -> None:
    account = factories.make_account(bank.insurance, name="Insurance")
    make_producer(account, bank.domain)
    pipeline = factories.make_principal(account, "claims-load")
    registration = ask(bank.ines, build_content(bank.catalog, bank.domain, pipeline))
    outside = {"table": "outside", "location": "s3://elsewhere/x/", "exception_reason": "It moves in May."}
    excepted = ask(bank.ines, build_content(bank.catalog, bank.domain, pipeline, **outside))
    writes = [
        ask_to_write(bank.ines, bank.claims, one)
        for one in (pipeline, factories.make_principal(account, "fix"))
    ]
    found = {one.text: one.url for one in list_other_decisions(bank.ivo)}
    assert found == {
        "1 registration": reverse("registration", args=[registration.pk]),
        "2 write requests": reverse("write-requests"),
    }
    assert [one.url for one in list_other_decisions(bank.greta)] == [
        reverse("registration", args=[excepted.pk])
    ]
    for person in (bank.ines, bank.ana, bank.sam):
        assert list_other_decisions(person) == []
    assert count_decisions(bank.ivo) == 3
    page = make_client(bank.ivo).get(reverse("home")).content.decode()
    assert '<span class="count">3</span>' in page
    assert "2 write requests" in page
    approve_writing(bank.ivo, writes[0])
    page = make_client(bank.ivo).get(reverse("reviews")).content.decode()
    assert f'href="{reverse("write-request", args=[writes[1].pk])}"' in page
    assert f'href="{reverse("write-request", args=[writes[0].pk])}"' not in page
    assert "Your inbox is empty" not in page


def test_findings_are_counted_for_stewards_alike_on_pages_and_in_the_api(bank: Bank) -> None:
    declassify(bank.claims)
    record(bank.claims, make_detection("amount"), make_detection("claim_id"))
    steward = make_steward()
    client = make_client(steward)
    link = f'href="{reverse("classification")}">2 classification findings</a>'
    home = client.get(reverse("home")).content.decode()
    assert (link in home, '<span class="count">2</span>' in home) == (True, True)
    assert 'Decide<span class="count">2' in home
    inbox = client.get(reverse("reviews"))
    assert "2 classification findings" in inbox.content.decode()
    assert inbox.context["waiting_count"] == 2
    later = client.get(reverse("reviews"), {"after": "1-1"}).context
    assert (later["inbox_list"].sections, later["waiting_count"]) == ((), 2)
    found = client.get(reverse("api-waiting-decisions")).json()
    assert (found["count"], found["reviews"]) == (count_decisions(steward), 0) == (2, 0)
    assert [(one["count"], one["page"]) for one in found["others"]] == [
        (2, "http://testserver/classification/")
    ]
    for person in (bank.ines, bank.ana):
        assert list_other_decisions(person) == []


def test_the_count_is_read_again_only_after_a_change(bank: Bank) -> None:
    account = factories.make_account(bank.insurance, name="Insurance")
    make_producer(account, bank.domain)
    write = ask_to_write(bank.ines, bank.claims, factories.make_principal(account, "claims-load"))
    assert [count_queries(bank.ivo) > 1, count_queries(bank.ivo)] == [True, 1]
    approve_writing(bank.ivo, write)
    assert list_other_decisions(bank.ivo) == []


def count_queries(person: Person) -> int:
    with CaptureQueriesContext(connection) as captured:
        list_other_decisions(person)
    return len(captured)


def test_each_row_that_waits_is_named_and_counted_for_its_duty(bank: Bank) -> None:
    """A proposal for the glossary and a role change are in the inbox like the others, and depend on the same roles."""
    proposal = propose_term(
        acting_user=bank.sam, content=build_term_content("Churn", bank.domain), reason="New.", now=clock.now()
    )
    change = propose_change(make_governor(), data_owner_change(bank.insurance, bank.sam))
    page = make_client(bank.greta).get(reverse("reviews")).content.decode()
    assert f'href="{reverse("glossary-proposal", args=[proposal.pk])}"' in page
    assert f'href="{reverse("role-change", args=[change.pk])}"' in page
    assert f"{bank.sam}: " in page
    found = make_client(bank.greta).get(reverse("api-waiting-decisions")).json()
    assert [len(one["items"]) for one in found["others"]] == [1, 1]
    waiting = [text for text in describe_waiting(Duty(PlatformRole.Role.GOVERNANCE_ADMIN)) if "other" in text]
    assert waiting == ["2 other decisions wait"]


def test_a_row_says_what_is_to_be_done_with_a_break_glass_session(bank: Bank) -> None:
    ben = factories.make_person("Ben Frey")
    factories.add_members(bank.bi, Membership.Role.MEMBER, [ben])
    scene = BreakGlassSetup(bank, ben)
    session = scene.open_session(scene.give_consent())
    address = reverse("break-glass-session", args=[session.pk])
    assert list_rows(ben) == [(address, f"Confirm break-glass in {bank.domain}", "break-glass")]
    scene.confirm_session(session)
    assert list_rows(ben) == list_rows(bank.ivo) == []
    end_break_glass_session(acting_user=bank.ivo, session_id=session.pk, reason="Over.", now=clock.now())
    assert list_rows(bank.ivo) == [(address, f"Review break-glass in {bank.domain}", "break-glass")]


def list_rows(person: Person) -> list[tuple[str, str, str]]:
    return list_inbox_rows(make_client(person).get(reverse("reviews")).content.decode())
