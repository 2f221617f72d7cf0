"""The Douyin shop as the sandbox speaks it: signed calls, two envelopes, orders that move, ciphertext."""
