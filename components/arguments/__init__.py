"""What a program passes to the components, and the checks of it."""
