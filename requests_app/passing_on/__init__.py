"""What the admins of an account pass on of its envelopes, to groups inside of it: never more than the owner agreed to."""
