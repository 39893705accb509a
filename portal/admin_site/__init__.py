"""Django's administration as part of the site: who enters, its start page, and its way back to the portal."""
