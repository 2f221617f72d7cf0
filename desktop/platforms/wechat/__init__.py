"""WeChat official accounts (公众号) as an adapter."""
