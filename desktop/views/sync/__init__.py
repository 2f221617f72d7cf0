"""Parts of the sync centre: accounts, the connect dialog, a round under way, results and history."""
