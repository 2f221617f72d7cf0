"""Parts of the page of all accounts."""
