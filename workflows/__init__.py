"""The company at work: one folder a process, and the floors that processes stand on. No Flask below this line."""
