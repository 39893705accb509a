"""The portal's side of the demo's bank: people, accounts, products, ninety days of history.

Three stages, each of which may run again: people and accounts; after the first sync, products; then history, with
the local groups of an account, offers, a recertification, a standing consent, rules and a role change that waits.
"""

from demo.seed.accounts import seed_accounts
from demo.seed.cloudtrail_settings import seed_trails
from demo.seed.history import seed_history
from demo.seed.local_groups import seed_groups
from demo.seed.offers import seed_offers
from demo.seed.people import PEOPLE, PersonRow, seed_people
from demo.seed.policies import seed_rules
from demo.seed.products import MissingTablesError, seed_products
from demo.seed.reviews_and_break_glass import seed_looking_anew
from demo.seed.role_changes import seed_role_changes

__all__ = [
    "PEOPLE",
    "MissingTablesError",
    "PersonRow",
    "seed_accounts",
    "seed_groups",
    "seed_history",
    "seed_looking_anew",
    "seed_offers",
    "seed_people",
    "seed_products",
    "seed_role_changes",
    "seed_rules",
    "seed_trails",
]
