"""Exercises and quizzes, one module a notebook: `nb00` holds those whose names begin with "00."."""
