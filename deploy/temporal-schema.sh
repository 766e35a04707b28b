# Brings Temporal's two databases up to date; safe to repeat. Run by `/bin/sh -eu`.
for database in temporal temporal_visibility; do
  schema=${database#temporal_}
  tool="temporal-sql-tool --plugin postgres12 --ep temporal-postgres -p 5432 -u temporal --db $database"
  $tool create || echo "$database is there already"
  $tool setup-schema -v 0.0 || echo "$database has its schema already"
  $tool update-schema -d "/etc/temporal/schema/postgresql/v12/$schema/versioned"
done
