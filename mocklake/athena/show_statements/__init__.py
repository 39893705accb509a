"""SHOW and DESCRIBE: what Glue shows the caller, cut as Lake Formation cuts it."""
