"""What holds of access of every kind: it is stored exactly, and what was adopted adds nothing."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given

from lakeformation.access.access import Access, parse_access
from lakeformation.access.base import Adoption
from lakeformation.values.canonical_json import digest
from tests.lakeformation.random_accesses import accesses
from tests.lakeformation.simulated_catalog import (
    ACCOUNT_PARTIES,
    build_access,
    build_database_access,
    build_tag_access,
)

ONE_OF_EACH = (build_access("id"), build_tag_access(), build_database_access())


@given(accesses)
def test_what_is_stored_is_read_back_as_it_was(access: Access) -> None:
    stored = json.loads(json.dumps(access.to_json()))
    again = parse_access(stored)
    assert again == access
    assert again.permissions == access.permissions
    assert digest(again.to_json()) == digest(stored)


@given(accesses, accesses)
def test_different_accesses_are_stored_differently(one: Access, other: Access) -> None:
    assert (one.to_json() == other.to_json()) is (one == other)


@pytest.mark.parametrize("access", ONE_OF_EACH)
@pytest.mark.parametrize("stray", [{"whole_database": True}, {"adopted": True}])
def test_a_member_that_its_kind_does_not_have_is_refused(access: Access, stray: dict[str, Any]) -> None:
    with pytest.raises(TypeError):
        parse_access(access.to_json() | stray)


@pytest.mark.parametrize("access", ONE_OF_EACH)
def test_an_unknown_kind_and_a_missing_member_are_refused(access: Access) -> None:
    stored = access.to_json()
    with pytest.raises(KeyError):
        parse_access(stored | {"kind": "view"})
    for name in stored.keys() - {"location"}:
        with pytest.raises((KeyError, TypeError)):
            parse_access({key: part for key, part in stored.items() if key != name})


@given(accesses)
def test_what_was_adopted_adds_nothing_in_aws(access: Access) -> None:
    adopted = replace(access, adoption=Adoption())
    assert (adopted.share, adopted.links, adopted.registrations, adopted.opt_in) == (None, (), (), None)
    assert adopted.permissions == (access.table_permission,)


@given(accesses)
def test_its_permissions_are_about_its_own_databases_or_on_its_links(access: Access) -> None:
    links = {link.consumer_database for link in access.links}
    for permission, _columns in () if access.adoption else access.permissions:
        is_named = access.target != ("", "") or permission.policy is None
        if permission.catalog == access.owner_catalog and is_named and permission.database not in links:
            assert permission.database in access.databases | _untagged(access)


def _untagged(access: Access) -> frozenset[str]:
    return frozenset(access.to_json()["reach"].get("untagged", ())) if access.kind == "tags" else frozenset()


@pytest.mark.parametrize("access", ONE_OF_EACH)
def test_an_account_as_a_whole_takes_nothing_on_its_own_links(access: Access) -> None:
    granted = replace(access, parties=ACCOUNT_PARTIES)
    assert granted.links
    assert {permission.catalog for permission, _columns in granted.permissions} == {access.owner_catalog}
