//! Sign-in by redirect, as browsers and clients see it.

mod answers;
mod attacks;
mod browser;
mod changed_clients;
mod client;
mod client_server;
mod consents;
mod device;
mod ended;
mod enrolment;
mod flow;
mod forgot;
mod logo;
mod logout;
mod narrowed;
mod openid;
mod pages;
mod passkeys;
mod places;
mod pushed;
mod races;
mod recreated;
mod tabs;
mod told;
mod unregistered;

pub(crate) use browser::{Browser, PASSWORD, register};
pub(crate) use client::{CALLBACK, Web, claims};
pub(crate) use device::Device;
pub(crate) use pushed::{push, start};
