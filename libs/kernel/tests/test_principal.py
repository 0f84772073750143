"""Principals say who acts, for which authority."""

import pytest

from aktenfluss.kernel import Principal, Role


def test_a_service_acts_in_its_own_name_for_one_tenant():
    principal = Principal.service("cases", "offenbach", "request-7")

    assert principal == Principal("service:cases", "offenbach", frozenset({Role.SERVICE}), "request-7")


def test_a_principal_has_no_role_unless_one_is_given():
    assert Principal("somebody", "offenbach").roles == frozenset()


def test_a_principal_cannot_change_its_tenant():
    principal = Principal("somebody", "offenbach")

    with pytest.raises(AttributeError):
        principal.tenant_id = "frankfurt"


@pytest.mark.parametrize("role", Role)
def test_roles_are_written_in_kebab_case(role):
    assert role.value == role.name.lower().replace("_", "-")
