"""The portal's side of the demo's bank: people, accounts, products, ninety days of history.

Three stages, each of which may run again: people and accounts; after the first sync, products; then history, with
the local groups of an account, offers, access reviews, standing consents, policies and a role change.
"""
