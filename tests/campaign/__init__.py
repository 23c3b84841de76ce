"""`make campaign`: kill points over `up`, `down` and `refresh`, many and seeded, as a table."""
