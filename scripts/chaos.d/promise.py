"""What a scene says when a promise is not kept."""


class Broken(Exception):
    """What was promised is not so."""


def require(condition, text):
    if not condition:
        raise Broken(text)
