"""Rules of approval as values: what is known of an ask, what each rule says to it, and what all of them say. Pure."""
