"""Background work of the processes: parts that repeat, their retries and their health."""
