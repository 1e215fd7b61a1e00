//! What `deploy/` ships is real: the image is built and run, and every file names settings, ports
//! and commands that exist.

mod components;
mod compose;
mod container;
mod context;
mod dist;
mod image;
mod kubernetes;
mod kustomize;
mod proxies;
mod secret;
mod systemd;
mod yaml;
