"""The ways a post can go out, one module each; `table.py` lists them."""
