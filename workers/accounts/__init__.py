"""Reads connected accounts: check-ups, IAM principals, test queries."""
