"""Problems with data products that people report, and what their owners answer."""
