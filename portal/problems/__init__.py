"""Problems with data products: report, answer, and show them."""
