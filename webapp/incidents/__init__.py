"""What the engine could not do by itself, and how administrators mend it."""
