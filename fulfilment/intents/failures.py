"""How the sentences begin that the engine writes in `Intent.failure`: by them pages and records tell the cases apart."""

REFUSED = "AWS refused"
"""AWS said no to a call: it needs a person. Any other sentence says what the intent waits for."""
UNREADABLE = "AWS could not be read"
REPLACED = "a SELECT takes the place of its DESCRIBE"
