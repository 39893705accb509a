"""What catalog refuses, for people."""

from identity.errors import NotFoundError

__all__ = ["NotFoundError"]
