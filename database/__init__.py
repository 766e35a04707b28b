"""PostgreSQL: the tables, and queries that take and return domain values."""
