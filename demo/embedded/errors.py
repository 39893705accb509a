"""The one way in which embedded services fail: a line that says what to do."""


class EmbeddedError(Exception):
    """A service cannot be had here; the text is one line for a person."""
