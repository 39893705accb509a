"""Who can read what, judged from the state alone and apart from the request path. Imports nothing but `mocklake.world`."""
