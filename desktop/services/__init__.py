"""Use cases: what the operator does. Awaitable; write through the store; return frozen rows."""
