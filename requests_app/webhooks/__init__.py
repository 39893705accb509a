"""Foreign systems that are told what happened: where, of what, signed how, and each delivery."""
