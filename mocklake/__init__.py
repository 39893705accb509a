"""A pretend AWS of several accounts: Lake Formation, RAM, Glue, STS, S3 and Athena that act together.

It stands on moto for what moto does well and replaces what it does not. It stands alone and has
value types of its own, so that a check made with it cannot share a mistake with what it checks.
"""
