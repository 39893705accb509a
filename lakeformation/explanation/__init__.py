"""Why a principal sees a column, and what removing a permission would take away."""
