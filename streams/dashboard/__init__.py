"""The process `tagwire dashboard`: a page of what is tagged now, and how the stack is."""
