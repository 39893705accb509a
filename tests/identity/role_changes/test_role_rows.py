"""With the web's database role alone nobody is given a role: that takes a role change which governors made, on the record."""

import pytest
from django.db import DatabaseError, IntegrityError

from identity.people.models import Membership, Person
from identity.role_changes.changes import build_administration_change
from tests import factories
from tests.database import TestDatabase, as_role
from tests.requests_app.compromised_web.attacker import run_statement
from tests.role_changes import (
    allow_lone_governor,
    data_owner_change,
    make_governor,
    propose_and_confirm,
    propose_change,
)

FORGE_AT_ONCE = """
INSERT INTO audit_event (at, verb, actor, subject, data, digest)
  VALUES (now(), 'make_role_change', 'person:{0}', 'person:{1}', '{{}}', 'x');
INSERT INTO identity_rolechange (kind, what, person_id, team_id, role, wanted, before, proposed_by_id, proposed_at, expires_at,
  state, decided_at, at_once, comment, effects_hash, end_reason, event_id, proposal_event_id)
SELECT 'membership', 'x', {1}, {2}, '{3}', '{{"held": true}}', '{{"held": false}}', {0}, now(), now(), '{4}', now(), {5}, '', '', '',
  max(id), max(id)
  FROM audit_event;
SELECT identity_apply_role_change((SELECT max(id) FROM identity_rolechange))
"""


@pytest.mark.django_db
@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO identity_membership (person_id, team_id, role) SELECT id, 1, 'data_owner' FROM identity_person",
        "UPDATE identity_membership SET role = 'data_owner'",
        "DELETE FROM identity_membership",
        "INSERT INTO identity_platformrole (person_id, role) SELECT id, 'steward' FROM identity_person",
        "UPDATE identity_platformrole SET role = 'governance_admin'",
        "UPDATE identity_person SET is_superuser = true",
        "UPDATE identity_person SET is_staff = true",
        "INSERT INTO identity_person (email, is_superuser) VALUES ('x@x.example', true)",
        "CREATE OR REPLACE FUNCTION identity_lone_governor_suffices() RETURNS boolean LANGUAGE sql AS 'SELECT true'",
    ],
)
def test_the_web_writes_no_roles_itself(statement: str) -> None:
    with pytest.raises(DatabaseError, match=r"permission denied|must be owner"):
        run_statement(statement)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("role", "state", "at_once", "reason"),
    [
        ("data_owner", "approved", "true", "needs a second governor"),
        ("member", "approved", "false", "begins as a proposal"),
        ("member", "waiting", "false", "was not confirmed"),
    ],
)
def test_a_role_change_that_nobody_confirmed_gives_no_role(
    role: str, state: str, at_once: str, reason: str
) -> None:
    greta, olga, team = factories.make_admin(), factories.make_person("Olga"), factories.make_team()
    forged = FORGE_AT_ONCE.format(greta.pk, olga.pk, team.pk, role, state, at_once)
    if state == "waiting":
        forged = forged.replace(", now(), false, ", ", NULL, false, ")
    with pytest.raises(IntegrityError, match=reason):
        run_statement(forged)
    assert not olga.memberships.exists()


@pytest.mark.django_db
def test_a_role_is_given_by_governors_alone() -> None:
    ben, olga, team = factories.make_person("Ben"), factories.make_person("Olga"), factories.make_team()
    with pytest.raises(IntegrityError, match="is no governor"):
        run_statement(FORGE_AT_ONCE.format(ben.pk, olga.pk, team.pk, "member", "approved", "true"))
    assert not olga.memberships.exists()


@pytest.mark.django_db
def test_a_confirmation_without_its_event_gives_no_role() -> None:
    greta, hanna, olga = factories.make_admin(), make_governor(), factories.make_person("Olga")
    change = propose_change(greta, data_owner_change(factories.make_team(), olga))
    forged = """
    UPDATE identity_rolechange SET state = 'approved', decided_by_id = %s, decided_at = now() WHERE id = %s;
    SELECT identity_apply_role_change(%s)"""
    with pytest.raises(IntegrityError, match="is not on the record"):
        run_statement(forged, [hanna.pk, change.pk, change.pk])
    assert not olga.memberships.exists()


def test_a_change_that_was_confirmed_before_gives_nothing_back(committed: TestDatabase) -> None:
    greta, hanna, olga = factories.make_admin(), make_governor(), factories.make_person("Olga")
    change = propose_and_confirm(greta, hanna, data_owner_change(factories.make_team(), olga))
    assert olga.memberships.exists()
    with as_role("meshmarket_owner"):
        Membership.objects.all().delete()
    with (
        as_role("meshmarket_web"),
        pytest.raises(IntegrityError, match="was not confirmed by this transaction"),
    ):
        run_statement("SELECT identity_apply_role_change(%s)", [change.pk])
    assert not olga.memberships.exists()


@pytest.mark.django_db
def test_who_was_deactivated_comes_back_by_a_confirmed_change_alone() -> None:
    greta, hanna = factories.make_admin(), make_governor()
    gone = factories.make_person("Gone", is_active=False)
    with pytest.raises(IntegrityError, match="by a role change alone"):
        run_statement("UPDATE identity_person SET is_active = true WHERE id = %s", [gone.pk])
    propose_and_confirm(
        greta, hanna, build_administration_change(gone, {"is_active": True}, {"is_active": False})
    )
    assert Person.objects.get(pk=gone.pk).is_active


@pytest.mark.django_db
def test_one_governor_is_enough_where_the_owner_of_the_database_said_so(settings: object) -> None:
    greta, olga, team = factories.make_admin(), factories.make_person("Olga"), factories.make_team()
    allow_lone_governor(settings)
    propose_change(greta, data_owner_change(team, olga))
    assert olga.memberships.get().role == "data_owner"
