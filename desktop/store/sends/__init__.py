"""Everything that leaves: the outbox, its recipients, its history."""
