"""The pool of demonstrations, and how its members are compared."""
