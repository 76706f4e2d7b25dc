"""What people read: the verdict in a notebook, the feedback page, the class report, grades for other systems."""
