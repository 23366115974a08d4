"""Listening, HTTP and WebSockets, and what bounds them: no visitor can keep the others from being served."""
