//! Invitations: administrators make and remove them, and registration by mail makes them too.
//! Accepting one is a way to authenticate.

mod invite;
mod manage;
mod register_by_mail;

use signet_core::invitation::Invitation;
use signet_core::names::ADMIN_SCOPE;
use signet_core::secret::SecretText;
use signet_store::StoreError;

pub use invite::{InvitationDelivery, NewInvitation};

/// An invitation that was made.
#[derive(Debug)]
pub struct Invited {
    /// The invitation.
    pub invitation: Invitation,
    /// The link, if the caller passes it on; `None` if it was mailed.
    pub url: Option<SecretText>,
}

/// Why an invitation was not made or not removed.
#[derive(Debug, thiserror::Error)]
pub enum InviteError {
    /// Registration is closed, and no invited account has the address.
    #[error("registration is closed; add the account, and invite its owner")]
    Closed,
    /// An account that is not invited has the address.
    #[error("an account with this email address exists")]
    EmailTaken,
    /// An invited account has the address, and its roles are its own.
    #[error("an invited account with this email address exists; change the roles of the account")]
    RolesOfAccount,
    /// The account administers, and the caller may not change administrators.
    #[error(
        "the account has, or would have, a role that administers: only a token with the scope \
         {ADMIN_SCOPE} can do this"
    )]
    Administers,
    /// The invitation cannot be mailed.
    #[error("this server sends no mail; ask for a link, or set smtp.url")]
    NoMail,
    /// The invitation cannot be mailed, because its mail cannot be sealed.
    #[error("the mail cannot be sealed with the keys of this server")]
    Unsealed,
    /// There is no invitation with this id.
    #[error("there is no invitation with this id")]
    Unknown,
    /// The store cannot answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}
