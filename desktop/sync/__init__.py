"""Background exchange with the platforms: pull streams, push the outbox, reconcile unknowns."""
