"""Why a role sees a column, or does not."""
