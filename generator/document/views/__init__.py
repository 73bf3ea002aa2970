"""What each section of the document shows: facts, and no words."""
