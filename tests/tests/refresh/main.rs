//! What a refresh token is worth over HTTP: used once, used twice, used at once, used too late,
//! and while the issuer dies.

mod clocked;
mod crash;
mod over_time;
mod races;
mod rotation;
mod strict;
mod tokens;
