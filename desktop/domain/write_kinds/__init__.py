"""The kinds of writes there are, one module a platform; `desktop.domain.writes.KINDS` holds them all."""
