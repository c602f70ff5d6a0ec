"""Migrations: how the tables came to be what they are; run by `offbrand.adapters.sql.schema`."""
