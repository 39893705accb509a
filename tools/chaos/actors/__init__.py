"""The actors of a run: people, account admins, changes outside the portal, the worker killer."""
