"""The course: a package per notebook, with the specification of its exercises and the catalogue of known answers."""
