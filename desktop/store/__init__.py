"""The shop's SQLite file: one writer, read-only readers, migrations, gateways of plain functions."""
