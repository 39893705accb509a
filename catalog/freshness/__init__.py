"""When the data of tables last changed, and whether products are as fresh as they promise."""
