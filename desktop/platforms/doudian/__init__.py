"""Douyin shop (抖店): orders, receivers, remarks."""
