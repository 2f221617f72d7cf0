"""One person known by several names: how sure it is that two fans are one."""
