"""What a web process serves: the application, and the thread of deferred decisions. `marketplace.wsgi` is the application alone.

The application is imported first: it loads the models that the thread reads.
"""

from marketplace.wsgi import application

# isort: split
from marketplace import deferred_decisions

__all__ = ["application"]

deferred_decisions.start_thread()
