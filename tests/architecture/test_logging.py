"""What the code logs gets through the filter of the log: a runbook may name it."""

import ast

from aktenfluss.servicekit.http.logging import ALLOWED, EVENT

METHODS = {"debug", "info", "warning", "error", "critical", "exception", "log"}


def in_http(path):
    """Tell whether the fields of a line may come together at run time: the request's own tests see them."""
    return path.startswith("libs/servicekit/src/aktenfluss/servicekit/http/")


def nowhere(_):
    return False


def is_log_call(node):
    match node:
        case ast.Call(
            func=ast.Attribute(value=ast.Name(id="log" | "logger") | ast.Attribute(attr="_log"), attr=method)
        ):
            return method in METHODS
    return False


def has_unknown_field(node):
    return is_log_call(node) and {keyword.arg for keyword in node.keywords} - ALLOWED - {"exc_info", None} != set()


def has_hidden_fields(node):
    return is_log_call(node) and None in {keyword.arg for keyword in node.keywords}


def has_no_constant_words(node):
    match node:
        case ast.Call(args=[ast.Constant(value=str(words))]) if is_log_call(node):
            return not EVENT.fullmatch(words)
    return is_log_call(node)


def test_every_field_of_a_line_is_allowed(offenders):
    assert offenders(has_unknown_field, but=nowhere) == []


def test_the_fields_of_a_line_are_named_where_it_is_logged(offenders):
    assert offenders(has_hidden_fields, but=in_http) == []


def test_a_line_tells_what_happened_in_constant_words(offenders):
    assert offenders(has_no_constant_words, but=in_http) == []
