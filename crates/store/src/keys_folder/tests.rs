//! The folder from its first day on, in the hands of a careless operator, and under crashes.

mod bad_folders;
mod crashes;
mod disks;
mod encryption;
mod first_day;
mod stored_keys;
