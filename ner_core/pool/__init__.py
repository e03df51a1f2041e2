"""The pool of demonstrations, its names, and span similarity."""
