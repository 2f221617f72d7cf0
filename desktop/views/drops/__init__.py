"""Parts of the screens on which welfare drops are planned and looked back on."""
