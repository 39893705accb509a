"""What shall be true in AWS: intents, their verbs, their justifications and those in force."""
