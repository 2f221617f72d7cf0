"""The page of tiers in parts: the editor of the rules, the matrix of moves, the days."""
