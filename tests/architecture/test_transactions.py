"""The unit of work ends transactions: nobody else commits, rolls back or connects."""

import ast


def in_servicekit(path):
    return path.startswith("libs/servicekit/")


def ends_transaction(node):
    match node:
        case ast.Call(func=ast.Attribute(attr="commit" | "rollback")):
            return True
    return False


def opens_connection(node):
    match node:
        case ast.Call(func=ast.Attribute(value=ast.Name(id="asyncpg" | "psycopg"), attr="connect" | "create_pool")):
            return True
    return False


def makes_http_app(node):
    match node:
        case ast.Call(func=ast.Name(id="FastAPI")):
            return True
    return False


def test_only_the_unit_of_work_ends_a_transaction(offenders):
    assert offenders(ends_transaction, but=in_servicekit) == []


def test_only_servicekit_connects_to_a_database(offenders):
    assert offenders(opens_connection, but=in_servicekit) == []


def test_only_servicekit_makes_an_http_app(offenders):
    assert offenders(makes_http_app, but=in_servicekit) == []
