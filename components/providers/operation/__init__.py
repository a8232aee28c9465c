"""One operation of the engine: its clients, its memory, and what all dynamic providers share towards the engine."""
