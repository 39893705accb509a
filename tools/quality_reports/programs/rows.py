"""The rows that every tool tests: one without an account, one negative amount, and an id that is there twice."""

ROWS = {
    "claim_id": [1, 2, 2],
    "region": ["north", "south", "west"],
    "amount": [120.5, -4.0, 80.0],
    "iban": ["XX00 0000 0000 0001", "XX00 0000 0000 0002", None],
}
