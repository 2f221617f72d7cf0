"""Parts of the screen on which outward actions wait and are decided."""
