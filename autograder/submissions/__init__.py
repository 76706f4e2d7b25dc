"""One submitted notebook: read it, repair it, sanitise it, and find forbidden calls in its code."""
