"""The gateway for requests, the control API, one running simulator and its state on disk."""
