"""Harbour Bank: four producing lines of business, a treasury that does both, consumers, and one partner.

The values (`ACCOUNTS`, `DATABASES`, …) are plain data that whoever describes the same bank may read.
"""

from awsim.seeds.bank.accounts import ACCOUNTS, GOVERNANCE, REGION, WORKER_ROLE
from awsim.seeds.bank.apply import apply
from awsim.seeds.bank.catalog import DATABASES, REINSURANCE_REGION, UNREGISTERED_DATABASES
from awsim.seeds.bank.tags import TAG_VALUES
from awsim.seeds.bank.values import Account, Column, Database, Table

__all__ = [
    "ACCOUNTS",
    "DATABASES",
    "GOVERNANCE",
    "REGION",
    "REINSURANCE_REGION",
    "TAG_VALUES",
    "UNREGISTERED_DATABASES",
    "WORKER_ROLE",
    "Account",
    "Column",
    "Database",
    "Table",
    "apply",
]
