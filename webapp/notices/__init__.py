"""The bell and its list, what each person wants to hear, and the messages that leave by mail and chat."""
