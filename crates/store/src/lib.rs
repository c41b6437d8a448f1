//! Every store port over sea-orm: entities, migrations, the unit of work, SQLite and PostgreSQL.
