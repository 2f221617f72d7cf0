"""The tour: the whole main loop run without a hand, on sample files and the practice platform."""
