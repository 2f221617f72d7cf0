"""The WeChat official account platform as it behaves on the wire."""
