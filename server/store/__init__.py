"""The memory: classes, learners and every answer, in SQLite or PostgreSQL. Knows the drill, not the web."""
