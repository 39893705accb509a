"""The rights in a migrated database are those of `audit/database_rights.toml`; none comes by itself."""

from collections.abc import Iterator

import pytest
from django.db import DatabaseError, connection, transaction

from audit.database_rights import Right, apply_rights, list_rights, load_rights
from tests.database import as_role

ACTUAL = """
SELECT c.relname, substr(g.rolname, 12), a.privilege_type, ''
  FROM pg_class c, aclexplode(c.relacl) a JOIN pg_roles g ON g.oid = a.grantee
 WHERE c.relnamespace = 'public'::regnamespace AND g.rolname ~ '^meshmarket_(web|worker|sealer)$'
UNION ALL
SELECT c.relname, substr(g.rolname, 12), a.privilege_type, t.attname
  FROM pg_class c JOIN pg_attribute t ON t.attrelid = c.oid, aclexplode(t.attacl) a JOIN pg_roles g ON g.oid = a.grantee
 WHERE c.relnamespace = 'public'::regnamespace AND g.rolname ~ '^meshmarket_(web|worker|sealer)$'
"""
FOR_EVERYONE = """
SELECT c.relname FROM pg_class c, aclexplode(c.relacl) a WHERE a.grantee = 0 AND c.relnamespace = 'public'::regnamespace
"""
SECURITY_DEFINERS = """
SELECT p.proname, CASE a.grantee WHEN 0 THEN 'everyone' ELSE substr(a.grantee::regrole::text, 12) END
  FROM pg_proc p, aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
 WHERE p.pronamespace = 'public'::regnamespace AND p.prosecdef AND a.grantee <> p.proowner
"""


def query(statement: str) -> Iterator[tuple[str, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        yield from cursor.fetchall()


@pytest.mark.django_db
def test_the_database_gives_what_the_file_lists() -> None:
    actual = {Right(*row) for row in query(ACTUAL)}
    assert actual == set(list_rights())


@pytest.mark.django_db
def test_every_table_is_listed_and_nothing_is_given_to_everyone() -> None:
    tables = {
        name
        for (name,) in query(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'v')"
        )
    }
    functions = {name for name, _role in query(SECURITY_DEFINERS)}
    sequences = {right.table for right in list_rights() if right.privilege == "USAGE"}
    assert tables | functions | sequences == set(load_rights())
    assert not list(query(FOR_EVERYONE))


@pytest.mark.django_db
def test_functions_that_act_as_the_owner_are_called_by_whom_the_file_names() -> None:
    called = {(name, role) for name, role in query(SECURITY_DEFINERS)}
    assert called == {(name, role) for name, _ in called for role in load_rights()[name]}


@pytest.mark.django_db
@pytest.mark.parametrize("role", ["meshmarket_web", "meshmarket_worker", "meshmarket_sealer"])
def test_a_new_table_gives_nothing_by_itself(role: str) -> None:
    with as_role("meshmarket_owner"), connection.cursor() as cursor:
        cursor.execute("CREATE TABLE later (id bigint)")
    with as_role(role), pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        list(query("SELECT * FROM later"))


@pytest.mark.django_db
def test_migrate_takes_back_what_somebody_gave_by_hand() -> None:
    with as_role("meshmarket_owner"):
        with connection.cursor() as cursor:
            cursor.execute("GRANT DELETE ON audit_event TO meshmarket_web")
            cursor.execute("GRANT UPDATE (executor_role_arn) ON identity_account TO meshmarket_web")
        apply_rights()
    assert {Right(*row) for row in query(ACTUAL)} == set(list_rights())
