"""What a web process serves: the application, with the clerk beside it. `marketplace.wsgi` is the application alone."""

from marketplace import clerk
from marketplace.wsgi import application

__all__ = ["application"]

clerk.start()
