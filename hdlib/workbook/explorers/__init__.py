"""The explorers of the course, one file each."""
