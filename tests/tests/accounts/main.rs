//! What a person does with an account: register, sign in, be told who they are, sign out, change
//! the password, leave. Each test starts the real issuer.

mod access_token;
mod cookie;
mod discovery;
mod leaving;
mod login;
mod me;
mod password;
mod register;
mod services;

mod sessions;
