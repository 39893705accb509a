"""Starts the demo's processes, keeps them alive, answers on a control socket, ends with an exit code."""
