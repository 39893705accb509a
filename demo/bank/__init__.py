"""Harbour Bank in AWS: its accounts, roles, catalog, rows and trails, and the seed of the pretend AWS made of them.

A governance account holds the catalog; four lines of business and a treasury produce, others consume, a partner is
outside the organisation. `python -m mocklake --seed demo.bank.world` makes it, the same at every start. In each account the
worker's role may assume `meshmarket-observer` and `meshmarket-executor` with the account's external id; what they may do
is `iam_actions`, as in the templates of deploy/aws. Two databases lie in locations that are not registered, and one
table is left to IAMAllowedPrincipals.
"""
