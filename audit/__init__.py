"""The audit log: who did what and when, sealed in a hash chain that reveals later changes."""
