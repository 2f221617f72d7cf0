"""Douyin's open platform as the sandbox speaks it: tokens, six envelopes, groups, messages, posts, coupons."""
