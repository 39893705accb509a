"""What catalog refuses, for people."""


class NotFoundError(Exception):
    """There is no such thing, or it is not for this person: the two are told apart nowhere."""
