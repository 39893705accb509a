"""What all packages share: clock, locks, errors, verdicts, rules of text, SQL helpers. No tables."""
