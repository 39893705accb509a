"""Your own profile and settings: who you are, appearance, notifications, password and sessions."""
