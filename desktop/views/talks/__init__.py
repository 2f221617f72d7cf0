"""Parts of the talks page: the list, the messages, the field to answer in."""
