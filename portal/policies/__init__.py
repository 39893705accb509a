"""Rules of a domain: draft, replay, put in force, retire, what-if."""
