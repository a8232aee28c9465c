"""What a pushed parameter is to be: which entries come together in it, its value, and the mark that says whose."""
