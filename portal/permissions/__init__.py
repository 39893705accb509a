"""The ledger of a catalog's permissions: adopt, remove, mark as known."""
