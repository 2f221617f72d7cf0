"""What writing a post and planning a drop share: the text field, pictures, checks, confirming, outcome."""
