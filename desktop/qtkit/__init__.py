"""Qt glue without product knowledge: tasks, change bridge, dialogs, theme, formats, resources."""
