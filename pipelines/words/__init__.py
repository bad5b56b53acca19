"""`mine words`: links between the words of sentence pairs, and what follows from them."""
