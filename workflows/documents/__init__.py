"""Files that people hand in: uploaded first, attached to a case by id afterwards."""
