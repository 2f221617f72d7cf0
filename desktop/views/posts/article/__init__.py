"""Writing an article of an official account: its text with pictures, cover, how it goes out, the phone."""
