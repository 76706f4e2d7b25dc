"""One notebook as handed in: read it, repair it, sanitise it, and scan its code."""
