//! Checking a password: exactly one verification, whether there is such an account or not.

use signet_core::account::AccountStatus;
use signet_core::password::{Hasher, Password, PasswordHash};
use signet_flows::random::random_bytes;
use signet_store::Credentials;

use crate::app::App;
use crate::error::{ApiResult, Code};

/// Verifies `password` against an account that may not be there. The time is the same when it is
/// not there, when it is disabled and when the password is wrong, and so is the answer.
///
/// A hash made with other parameters than today's is replaced on the way.
///
/// # Errors
///
/// `invalid_credentials`, or `overloaded` when too many are waiting to be checked.
pub(super) async fn check_password(
    app: &App,
    found: Option<Credentials>,
    password: Password,
) -> ApiResult<Credentials> {
    let stored = found
        .as_ref()
        .map(|credentials| credentials.password_hash.clone());
    let salt = random_bytes();
    let checked = app
        .flows
        .hashing
        .run(move |hasher| check(hasher, &password, stored.as_ref(), salt))
        .await?;
    let (Some(mut credentials), Checked::Right { rehashed }) = (found, checked) else {
        return Err(Code::InvalidCredentials.into());
    };
    if credentials.account.standing.status != AccountStatus::Active {
        return Err(Code::InvalidCredentials.into());
    }
    if let Some(new) = rehashed {
        let id = credentials.account.id;
        app.flows
            .stores
            .accounts
            .rehash(id, &credentials.password_hash, &new)
            .await?;
        credentials.password_hash = new;
    }
    Ok(credentials)
}

enum Checked {
    Wrong,
    Right { rehashed: Option<PasswordHash> },
}

fn check(
    hasher: &mut Hasher,
    password: &Password,
    stored: Option<&PasswordHash>,
    salt: [u8; signet_core::password::SALT_BYTES],
) -> Checked {
    let verdict = match stored {
        Some(stored) => hasher.verify(password, stored),
        None => hasher.verify_nobody(password),
    };
    if !verdict.matches {
        return Checked::Wrong;
    }
    Checked::Right {
        rehashed: verdict.needs_rehash.then(|| hasher.hash(password, salt)),
    }
}
