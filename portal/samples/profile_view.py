"""The profile of a table, for its page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from catalog.mirror.models import Table
from identity.people.models import Person
from portal.samples.problem_texts import describe_problem
from requests_app.data_queries.may import may_request_profile
from requests_app.data_queries.models import TableProfile
from requests_app.data_queries.profiles import ColumnProfile, list_column_profiles
from requests_app.data_queries.queries import get_last_profile_query, has_sampling_role
from requests_app.data_queries.states import QueryState


@dataclass(frozen=True)
class ProfileView:
    """`problem` says why the last attempt failed, to those who may ask for another."""

    table: Table
    profile: TableProfile | None
    columns: Sequence[ColumnProfile]
    may_request: bool
    is_waiting: bool
    problem: str

    @property
    def is_shown(self) -> bool:
        return self.may_request or self.profile is not None


def build_profile_view(person: Person, table: Table, now: datetime) -> ProfileView:
    profile = TableProfile.objects.select_related("table", "requested_by").filter(table=table).first()
    may_request = bool(may_request_profile(person, table)) and has_sampling_role(table)
    last = get_last_profile_query(table) if may_request else None
    problem = " ".join(describe_problem(last)) if last and last.state == QueryState.FAILED else ""
    return ProfileView(
        table=table,
        profile=profile,
        columns=list_column_profiles(profile, person, now) if profile else (),
        may_request=may_request,
        is_waiting=last is not None and last.is_open,
        problem=problem,
    )
