"""Screens in Qt Widgets. They show rows and collect intents; no SQL, no HTTP, no threads."""
