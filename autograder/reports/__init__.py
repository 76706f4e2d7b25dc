"""What people read: the verdict in a notebook, the class report."""
