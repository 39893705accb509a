"""How an account joins the mesh: proposal, check-up, registration."""
