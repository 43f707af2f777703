"""The daily work: the inbox, starting a request, and answering what waits."""
