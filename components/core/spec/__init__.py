"""What is declared, as plain data that survives the trip through a property bag and back."""
