"""The ledger of permissions in AWS: adopt, remove, mark as known; and why a principal can read a column."""
