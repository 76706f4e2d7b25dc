"""A submission: admit its files, choose and read its notebooks, repair them, and sanitise them for display."""
