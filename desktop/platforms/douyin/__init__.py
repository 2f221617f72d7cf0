"""Douyin (抖音): fans' signs of interest, private messages, groups, videos, comments, live rooms, vouchers."""
