"""Speech engines: what needs a model file or compiled code, behind the protocols of
`server.understanding.interpretation`.
"""
