//! The reasons why a client cannot be registered.

use crate::names::{BROWSER_CLIENT, BUILT_IN_CLIENT, COMMAND_LINE_CLIENT, OPERATOR_CLIENT};

/// The reasons why a client cannot be registered.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum RegistrationProblem {
    /// The server uses this id in its own tokens.
    #[error(
        "the client ids {BUILT_IN_CLIENT}, {BROWSER_CLIENT}, {OPERATOR_CLIENT} and \
         {COMMAND_LINE_CLIENT}, and ids that begin with the latter and a colon, are the server's own"
    )]
    ReservedId,
    /// A public client may only begin and refresh sessions of people.
    #[error(
        "a client without authentication may have only the grants authorization_code, device_code \
         and refresh_token"
    )]
    PublicGrant,
    /// Its tokens would have no audience.
    #[error("a client that gets tokens needs at least one audience (--audiences)")]
    NoAudience,
    /// People do not sign in with a client that authenticates.
    #[error(
        "only a client without authentication, with redirect_uris or with the grant device_code may \
         have required_roles, and only one without authentication may have sign_in_scopes"
    )]
    NoSignIn,
    /// Requests for codes name their scopes.
    #[error(
        "a client with redirect_uris or the grant device_code names scopes in its requests; leave \
         sign_in_scopes out"
    )]
    SignInScopesByRedirect,
    /// A code is sent to a redirect URI.
    #[error(
        "the grant authorization_code needs at least one of redirect_uris (--redirect-uris), where \
         browsers are sent with a code, such as https://app.example.com/callback"
    )]
    CodeWithoutRedirectUri,
    /// Rules for redirects need a redirect URI.
    #[error(
        "post_logout_redirect_uris and backchannel_logout_uri need redirect_uris; first_party and \
         logo_uri need them or the grant device_code"
    )]
    NoRedirectUri,
    /// A third party's client could change the account.
    #[error(
        "only a first-party client may have redirect_uris or the grant device_code, and the scope \
         account"
    )]
    ThirdPartyAccount,
    /// Too many URIs.
    #[error("a client may have 20 redirect_uris and 20 post_logout_redirect_uris")]
    TooManyUris,
    /// Its first tokens would have a scope that it may not have.
    #[error("sign_in_scopes must be among scopes")]
    SignInScope,
    /// Its tokens would be too long for the header limits of gateways.
    #[error(
        "scopes and audiences may have 2,048 characters in total, and a client may own 32 \
             audiences, require 32 roles and ask for 32 claims"
    )]
    TooMuch,
    /// The lifetime of its tokens is too short or longer than the server's.
    #[error(
        "the token lifetime must be 60 to {longest_seconds} seconds; the maximum is \
         access_token_ttl of the server"
    )]
    TokenTtl {
        /// The longest allowed lifetime, in seconds.
        longest_seconds: u64,
    },
}
