"""The home page of a signed-in person."""
