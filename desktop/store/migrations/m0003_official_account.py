"""Schema 3: the WeChat official account: followers' facts, articles and their comments, the menu."""

SCRIPT = ""
