"""Building blocks that several screens share: cards, chips, charts, phone preview, notices."""
