"""What a web process serves: the application, and the thread of deferred decisions. `marketplace.wsgi` is the application alone.

The application comes first: it loads the models that the clerk reads.
"""

from marketplace.wsgi import application

# isort: split
from marketplace import deferred_decisions

__all__ = ["application"]

deferred_decisions.start()
