"""Diagrams as plain data: read from their files and checked before they are deployed."""
