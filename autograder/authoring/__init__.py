"""What exercise authors use: check a solution, simulate a class, and run the kill matrix."""
