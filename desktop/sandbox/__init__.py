"""A stand-in for the platforms on loopback, in its own process. Shares no code with the adapters."""
