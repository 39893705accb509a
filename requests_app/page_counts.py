"""Counts that every page shows (basket, notifications, alarms), read by one SQL statement."""

from dataclasses import dataclass
from datetime import datetime

from catalog.change_versions import CURRENT_PERIOD_SQL, PAGE_VERSION_SQL, WAITING_VERSION_SQL, PageVersion
from identity.people.models import Person
from identity.people.request_cache import cache_per_request
from kernel.sql import prepared_cursor

COUNTS_SQL = f"""
SELECT
  (SELECT count(*) FROM requests_basketitem item JOIN requests_basket basket ON basket.id = item.basket_id
    WHERE basket.person_id = %(person)s AND EXISTS (SELECT FROM identity_membership held
      WHERE held.person_id = basket.person_id AND held.team_id = basket.team_id)),
  (SELECT count(*) FROM requests_notification
    WHERE person_id = %(person)s AND channel = 'portal' AND read_at IS NULL),
  EXISTS (SELECT FROM requests_breakglasssession
    WHERE state <> 'reviewed' AND (state = 'confirmed' OR expires_at > meshmarket_now())),
  EXISTS (SELECT FROM requests_delegation
    WHERE delegate_id = %(person)s AND ended_at IS NULL AND ends_at > meshmarket_now()),
  EXISTS (SELECT FROM requests_bulkdecision
    WHERE person_id = %(person)s AND done_at IS NULL AND undone_at IS NULL),
  {WAITING_VERSION_SQL}, {CURRENT_PERIOD_SQL}, {PAGE_VERSION_SQL}"""  # noqa: S608


@dataclass(frozen=True)
class PageCounts:
    """`basket_count` counts the tables in all baskets of the person, for teams that they are still in; `unread_count` their
    unread notifications in the portal. `has_open_break_glass_session`: see `find_open_session`; `is_delegate`:
    whether somebody delegated decisions to the person, see `list_received_delegations`;
    `has_cancellable_bulk_decision`: a bulk decision of theirs is not carried out yet, see
    `list_open_bulk_decisions`. `change_version` is that of what waits (`catalog.change_versions`);
    `rounded_now`, the last full ten minutes of the database's clock, from which days of waiting are counted;
    `page_mark` and `minute`: see `page_version`, the version of all that is marked.
    """

    basket_count: int
    unread_count: int
    has_open_break_glass_session: bool
    is_delegate: bool
    has_cancellable_bulk_decision: bool
    change_version: int | None
    rounded_now: datetime
    page_mark: int | None
    minute: datetime

    @property
    def page_version(self) -> PageVersion:
        return PageVersion(self.page_mark, self.minute)


@cache_per_request
def get_page_counts(person: Person) -> PageCounts:
    """One query."""
    with prepared_cursor() as cursor:
        cursor.execute(COUNTS_SQL, {"person": person.pk})
        return PageCounts(*cursor.fetchone())
