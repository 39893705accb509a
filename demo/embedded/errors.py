"""The error that embedded services raise."""


class EmbeddedError(Exception):
    """A service cannot be had here; the text is one line for a person."""
