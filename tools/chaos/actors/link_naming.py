"""Account admins that change the link naming of their account."""

import random
from collections import Counter, defaultdict
from collections.abc import Iterable

from identity.accounts import Account, Principal
from kernel import clock
from requests_app.grants.link_naming.actions import choose_link_naming
from requests_app.grants.link_naming.queries import DATABASE_LINK, TABLE_LINKS
from tools.environment.people import find_account_admin


class LinkNamingActor:
    """`step` has one account's admin turn it over: a link to each database, or one to each table."""

    def __init__(self, picks: random.Random, principals: Iterable[Principal]) -> None:
        self._picks = picks
        self._accounts: dict[str, list[Account]] = defaultdict(list)
        for one in principals:
            self._accounts[one.account.account_id].append(one.account)
        self.actions: Counter[str] = Counter()

    def step(self) -> None:
        rows = self._accounts[self._picks.choice(sorted(self._accounts))]
        way = DATABASE_LINK if rows[0].table_links.get("", False) else TABLE_LINKS
        chosen = choose_link_naming(
            acting_user=find_account_admin(rows[0]),
            account_id=rows[0].account_id,
            database="",
            link_naming=way,
            now=clock.now(),
        )
        for account in rows:
            # The roles of the run were read once; what a request shows depends on their account as it is now.
            account.table_links = chosen.table_links
        self.actions[f"links to {'tables' if way == TABLE_LINKS else 'databases'} chosen"] += 1
