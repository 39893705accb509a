"""The event that never comes: the default of every `stop` argument."""

import threading

NEVER = threading.Event()
