"""Quality of tables: results of rules, by Glue Data Quality, OpenLineage and tools that send their files."""
