"""The seeded shop behind the sandbox: staff, customers, tags and customer groups."""
