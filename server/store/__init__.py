"""What is remembered: classes, learners and every answer, in SQLite or PostgreSQL. Knows the drill, nothing of the web."""
