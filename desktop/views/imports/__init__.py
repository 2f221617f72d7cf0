"""The steps of bringing a file in, and the list of what was brought in before."""
