"""Result files of tools that test data. Pure: no database, no clock."""
