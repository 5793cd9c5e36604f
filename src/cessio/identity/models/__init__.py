"""People, their sessions, factors and tokens."""

from cessio.identity.models.doors import (
    AccessToken,
    ApiToken,
    IdempotencyKey,
    ProviderAccount,
    SignInAttempt,
    WebSession,
    WrongGuess,
)
from cessio.identity.models.factors import (
    FactorRequirement,
    Passkey,
    PasskeyChallenge,
    RecoveryCode,
    SecondFactor,
    SecondStep,
)
from cessio.identity.models.people import (
    Absence,
    Delegation,
    Invitation,
    PasswordReset,
    Person,
    Team,
    TeamMember,
)

__all__ = [
    "Absence",
    "AccessToken",
    "ApiToken",
    "Delegation",
    "FactorRequirement",
    "IdempotencyKey",
    "Invitation",
    "Passkey",
    "PasskeyChallenge",
    "PasswordReset",
    "Person",
    "ProviderAccount",
    "RecoveryCode",
    "SecondFactor",
    "SecondStep",
    "SignInAttempt",
    "Team",
    "TeamMember",
    "WebSession",
    "WrongGuess",
]
