//! What is asked for when an account is added or changed.

use signet_core::account::{
    AccountClaims, AccountStatus, DisplayName, Email, MfaPolicy, check_roles,
};
use signet_core::names::Role;
use signet_core::password::{Password, check_new_password};
use signet_core::secret::SecretText;
use signet_flows::accounts::{AccountChange, AccountToAdd, Entry};
use utoipa::ToSchema;

use crate::extract::{Fields, FromFields, Invalid, Presence, name_change};
use crate::openapi::shapes;

/// `{email, name?, roles?, claims?, password?, invite?}`
#[derive(Debug, ToSchema)]
pub(crate) struct NewAccountRequest {
    #[schema(value_type = shapes::Email)]
    email: Email,
    #[schema(value_type = Option<shapes::DisplayName>)]
    name: Option<DisplayName>,
    /// At most 1,024 characters together.
    #[schema(value_type = Option<Vec<shapes::Role>>)]
    roles: Vec<Role>,
    #[schema(value_type = Option<shapes::AccountClaims>)]
    claims: AccountClaims,
    #[schema(value_type = Option<shapes::NewPassword>)]
    password: Option<Password>,
    /// Invite the owner to set a password: by mail, or by a link in the response if no mail is
    /// configured. Cannot be combined with `password`.
    #[schema(value_type = Option<bool>)]
    invite: bool,
}

impl FromFields for NewAccountRequest {
    fn from_fields(fields: &mut Fields<'_>) -> Option<Self> {
        let email = fields.required("email", str::parse::<Email>);
        let name = fields.optional("name", str::parse::<DisplayName>);
        let roles = roles(fields);
        let claims = fields.json("claims", AccountClaims::from_json);
        let password = fields.optional("password", |text| {
            Password::typed(&SecretText::new(text.to_owned()))
        });
        let invite = fields.flag("invite");
        if matches!(password, Some(Some(_))) && invite == Some(Some(true)) {
            let both = Invalid::new("conflict", "cannot be combined with password");
            fields.reject::<()>("invite", both);
        }
        if let Some(Some(password)) = &password
            && let Err(problem) = check_new_password(password, email.as_ref())
        {
            fields.reject::<()>("password", problem.into());
        }
        Some(Self {
            email: email?,
            name: name?,
            roles: roles?,
            claims: claims?.unwrap_or_default(),
            password: password?,
            invite: invite?.unwrap_or(false),
        })
    }
}

impl From<NewAccountRequest> for AccountToAdd {
    fn from(request: NewAccountRequest) -> Self {
        Self {
            email: request.email,
            name: request.name,
            roles: request.roles,
            claims: request.claims,
            entry: match request.password {
                Some(password) => Entry::Password(password),
                None if request.invite => Entry::Invitation,
                None => Entry::Later,
            },
        }
    }
}

/// `{name?, roles?, claims?, status?, email_verified?, mfa_policy?}`
#[derive(Debug)]
pub(crate) struct AccountChangeRequest(pub(super) AccountChange);

/// A change of an account.
// What `AccountChangeRequest` is in the document.
#[derive(ToSchema)]
#[expect(
    dead_code,
    reason = "stands in for a type that knows nothing of the document"
)]
pub(crate) struct AccountChangeFields {
    /// Null removes the name.
    #[schema(value_type = Option<shapes::DisplayName>)]
    name: (),
    /// All roles: at most 1,024 characters together. A role that is left out is removed.
    #[schema(value_type = Option<Vec<shapes::Role>>)]
    roles: (),
    /// All claims. A claim that is left out is removed.
    #[schema(value_type = Option<shapes::AccountClaims>)]
    claims: (),
    #[schema(value_type = Option<shapes::AccountStatus>)]
    status: (),
    #[schema(value_type = Option<bool>)]
    email_verified: (),
    /// `required`: the account must have a second factor from the next sign-in on.
    #[schema(value_type = Option<shapes::MfaPolicy>)]
    mfa_policy: (),
}

impl FromFields for AccountChangeRequest {
    fn from_fields(fields: &mut Fields<'_>) -> Option<Self> {
        let name = name_change(fields);
        let given = fields.presence("roles") == Presence::Given;
        let roles = roles(fields);
        let claims = fields.json("claims", AccountClaims::from_json);
        let status = fields.optional("status", str::parse::<AccountStatus>);
        let email_verified = fields.flag("email_verified");
        let mfa = fields.optional("mfa_policy", str::parse::<MfaPolicy>);
        Some(Self(AccountChange {
            name: name?,
            roles: Some(roles?).filter(|_| given),
            claims: claims?,
            status: status?,
            email_verified: email_verified?,
            mfa: mfa?,
        }))
    }
}

/// Takes `roles`.
pub(super) fn roles(fields: &mut Fields<'_>) -> Option<Vec<Role>> {
    let roles = fields.list("roles", str::parse::<Role>)?;
    match check_roles(&roles) {
        Ok(()) => Some(roles),
        Err(problem) => fields.reject("roles", problem.into()),
    }
}
