"""Who does something in a run: people, account admins, somebody behind the portal, who kills workers."""
