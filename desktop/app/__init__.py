"""The window application: life cycle, faults, single instance, tour. It alone runs the Qt loop."""
