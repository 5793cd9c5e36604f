"""People, their sessions, factors and tokens."""

from cessio.identity.models.doors import (
    ApiToken,
    IdempotencyKey,
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
    Invitation,
    PasswordReset,
    Person,
    Team,
    TeamMember,
)

__all__ = [
    "Absence",
    "ApiToken",
    "FactorRequirement",
    "IdempotencyKey",
    "Invitation",
    "Passkey",
    "PasskeyChallenge",
    "PasswordReset",
    "Person",
    "RecoveryCode",
    "SecondFactor",
    "SecondStep",
    "SignInAttempt",
    "Team",
    "TeamMember",
    "WebSession",
    "WrongGuess",
]
