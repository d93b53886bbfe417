"""An operator at the command line: complete settings, and one command after another."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner, Result

from commands import command_line

SECRET_KEY = "k3yQ-9fd1" * 5
SETTINGS = {
    "ROLECALL_SECRET_KEY": SECRET_KEY,
    "ROLECALL_TRUSTED_PRINCIPAL_ARN": "arn:aws:iam::999988887777:role/northwind-rolecall",
    "ROLECALL_TEMPLATE_URL": "https://northwind-templates.s3.us-east-1.amazonaws.com/role.yaml",
    "ROLECALL_PUBLIC_URL": "https://connect.example.com",
    "ROLECALL_VENDOR_NAME": "Northwind Cost",
    "ROLECALL_SUPPORT_URL": "mailto:help@example.com",
    "ROLECALL_PREFIX": "northwind",
}


def settings_in(folder: Path) -> dict[str, str]:
    """Settings that production would take, with the store in the folder, where the `store` fixture has it too."""
    return {**SETTINGS, "ROLECALL_DATABASE_URL": f"sqlite:///{folder}/rolecall.db"}


class Operator:
    """Types commands. `env` may be changed between two of them."""

    def __init__(self, env: dict[str, str]) -> None:
        self.env = env

    def __call__(self, *arguments: str, code: int = 0) -> Result:
        """Run one command, which must end with that exit code and without a traceback."""
        result = CliRunner().invoke(command_line, list(arguments), obj=self.env)
        assert result.exit_code == code, result.output
        assert result.exception is None or isinstance(result.exception, SystemExit)
        return result
