"""How each channel of a post is written and looked at; `table.py` lists them."""
