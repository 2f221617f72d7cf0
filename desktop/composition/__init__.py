"""The composition root: builds the object graph of one shop by constructor; names the concrete adapters."""
