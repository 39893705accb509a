"""What people leave behind when they are deactivated: requests that wait, and live grants."""
