"""An event that is never set: the default of every `stop` argument."""

import threading

NEVER = threading.Event()
