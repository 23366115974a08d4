"""What is remembered: classes, learners, every answer; in SQLite or PostgreSQL. Knows the drill, not the web."""
